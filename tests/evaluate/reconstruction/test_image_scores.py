"""Scores of images, sample by sample."""

import numpy as np
import pytest
from drawn_images import FEATURES, write_images

from speckle2vec.errors import UserError
from speckle2vec.evaluate.reconstruction.score import score_images
from speckle2vec.measures.likeness import likeness
from speckle2vec.products.image_scores import read_image_scores
from speckle2vec.products.reconstructions import open_reconstructions


@pytest.fixture
def scored(tmp_path):
    original, decoded = write_images(tmp_path / "images.zarr.zip")
    files = tmp_path / "scores.parquet", tmp_path / "images.png"
    score_images(tmp_path / "images.zarr.zip", *files)
    return tmp_path, original, decoded


def test_every_sample_has_every_way_within_the_bytes_of_its_code(scored):
    table, about = read_image_scores(scored[0] / "scores.parquet")
    rows = table.to_pylist()
    assert len(rows) == 6 * 2 * 5
    assert about["features"] == list(FEATURES)
    for row in rows:
        assert row["bytes"] <= about["bytes"][row["code"]]
        assert row["block"] == f"{int(row['sample_id'][-1]) // 2}_0"
    decoders = [row["bytes"] for row in rows if row["way"] == "decoder"]
    assert decoders == [1024, 256] * 6


def test_decoded_images_are_scored_against_their_own_originals(scored):
    folder, original, decoded = scored
    rows = read_image_scores(folder / "scores.parquet")[0].to_pylist()
    found = {(row["sample_id"], row["code"]): row for row in rows if row["way"] == "decoder"}
    for (name, code), row in found.items():
        number = int(name[-1])
        expected = likeness(original[number], decoded[code][number])
        np.testing.assert_allclose(row["squared_error"], expected.squared_error)
        np.testing.assert_allclose(row["ssim"], expected.ssim)
    means = [row["squared_error"] for row in rows if row["way"] == "mean" and row["code"] == "int8"]
    np.testing.assert_allclose(means, np.square(original).mean(axis=(2, 3)), rtol=1e-6)


def test_equal_images_give_equal_bytes_and_a_picture(scored, tmp_path):
    folder = scored[0]
    again = folder / "again.parquet", folder / "again.png"
    score_images(folder / "images.zarr.zip", *again)
    assert again[0].read_bytes() == (folder / "scores.parquet").read_bytes()
    assert again[1].read_bytes() == (folder / "images.png").read_bytes()
    assert again[1].read_bytes()[:4] == b"\x89PNG"


def test_what_no_other_way_keeps_is_drawn_as_well(tmp_path):
    write_images(tmp_path / "images.zarr.zip", 5, sizes={"float32": 8, "int8": 2})
    score_images(tmp_path / "images.zarr.zip", tmp_path / "scores", tmp_path / "picture.png")
    rows = read_image_scores(tmp_path / "scores")[0].to_pylist()
    assert {row["way"] for row in rows if row["ssim"] is not None} == {
        "decoder", "mean", "downsampled-int8", "downsampled-float16",
    }  # fmt: skip


def test_images_are_read_back_and_damage_is_one_sentence(tmp_path):
    path = tmp_path / "images.zarr.zip"
    original, decoded = write_images(path)
    with open_reconstructions(path) as found:
        images = found.read(3, 6)
        np.testing.assert_array_equal(images.original, original[3:6])
        np.testing.assert_array_equal(images.decoded["int8"], decoded["int8"][3:6])
        assert found.codes == ("float32", "int8")
    path.write_bytes(path.read_bytes()[:-40])
    with (
        pytest.raises(UserError, match=r"images\.zarr\.zip: is missing or damaged"),
        open_reconstructions(path),
    ):
        pass
    with pytest.raises(UserError, match=r"no table of scores of images"):
        from speckle2vec.products.embeddings import write_embeddings

        write_embeddings(tmp_path / "other", ["a"], np.zeros((1, 1024), np.float32), {})
        read_image_scores(tmp_path / "other")
