"""What the viewer reads: vectors, a table, small pictures, a config."""

from dataclasses import replace

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from google.protobuf import text_format
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig
from tests.report.made_run import EVIL, IDS, KEYS

from speckle2vec.errors import UserError
from speckle2vec.products.embeddings import embedding_values, read_embeddings, write_embeddings
from speckle2vec.report.explorer.files import explorer_folder
from speckle2vec.report.explorer.run import make_explorer
from speckle2vec.report.explorer.sprite import grid_for
from speckle2vec.report.explorer.vectors import write_tensors

NAMES = [name for key in KEYS for name in IDS[key]]
FILES = ("tensors.bytes", "metadata.tsv", "sprite.jpg", "projector_config.pbtxt")


def made(run, folder, changes=None, **report):
    products = replace(run.products, **(changes or {}))
    make_explorer(run.settings(**report), KEYS, products, folder)
    return folder


@pytest.fixture(scope="module")
def explorer(small_run, tmp_path_factory):
    return made(small_run, tmp_path_factory.mktemp("explorer"))


def units(values):
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def rows_of(folder):
    text = (folder / "metadata.tsv").read_bytes().decode()
    assert text.endswith("\n")
    header, *rows = [line.split("\t") for line in text[:-1].split("\n")]
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_cosines_are_those_of_the_embeddings(explorer, small_run):
    parts = [read_embeddings(key.part(small_run.products.embeddings, ".parquet")) for key in KEYS]
    vectors = units(np.concatenate([embedding_values(part["embedding"]) for part in parts]))
    told = np.fromfile(explorer / "tensors.bytes", "<f4").reshape(24, 49)
    np.testing.assert_allclose(told @ told.T, vectors @ vectors.T, atol=1e-5)


def test_more_directions_are_reduced_to_the_strongest(tmp_path):
    random = np.random.default_rng(1)
    vectors = units(random.normal(size=(150, 60)) @ random.normal(size=(60, 1024)))
    share = write_tensors(vectors.astype(np.float32), tmp_path / "t")
    left, lengths, _ = np.linalg.svd(vectors, full_matrices=False)
    assert share == pytest.approx((lengths[:49] ** 2).sum() / (lengths**2).sum(), rel=1e-6)
    best = left[:, :49] * lengths[:49]
    told = np.fromfile(tmp_path / "t", "<f4").reshape(150, 49)
    np.testing.assert_allclose(told @ told.T, best @ best.T, atol=1e-5)


def test_each_row_tells_its_sample(explorer):
    rows = rows_of(explorer)
    assert [row["sample"] for row in rows] == [f"small/{name}" for name in NAMES]
    assert rows[1] == {
        "sample": "small/a1", "corpus": "small", "place": "small/a1",
        "date": "2020-01-03 to 2020-10-03", "split": "train", "longitude": "8.25",
        "latitude": "48.0", "land cover": "Water",
    }  # fmt: skip
    assert rows[23]["sample"] == f"small/{EVIL}"


def test_nothing_of_land_cover_is_told_without_labels(small_run, tmp_path):
    assert "land cover" not in rows_of(made(small_run, tmp_path, {"labels": None}))[0]


def test_a_name_stays_on_its_line_and_in_its_column(small_run, tmp_path):
    table = pq.read_table(small_run.products.catalogue)
    wild = ["a\tb\nc\x85d"] + table["place"].to_pylist()[1:]
    place = table.column_names.index("place")
    catalogue = tmp_path / "catalogue.parquet"
    pq.write_table(table.set_column(place, table.field(place), [wild]), catalogue)
    assert rows_of(made(small_run, tmp_path, {"catalogue": catalogue}))[0]["place"] == (
        "small/a b c d"
    )


def test_the_sprite_shows_each_sample_at_its_place(explorer):
    sheet = cv2.imread(str(explorer / "sprite.jpg"))[..., ::-1]
    assert sheet.shape == (5 * 64, 5 * 64, 3)  # 24 pictures
    reds = [sheet[64 * (place // 5) :, 64 * (place % 5) :][:64, :64, 0] for place in range(25)]
    # VV is -20 + row, black at -20 and white at -4; the last place is free
    means = [min(255 * (place % 12) / 16, 255) for place in range(24)]
    assert [red.mean() for red in reds] == pytest.approx([*means, 0], abs=4)
    assert max(red.std() for red in reds) < 4  # no picture runs into its neighbour


@pytest.mark.parametrize(
    ("samples", "side", "across"),
    [(2, 64, 2), (1500, 64, 39), (6000, 48, 78), (25_000, 32, 159), (100_000, 16, 317)],
)
def test_pictures_fit_into_what_the_viewer_takes(samples, side, across):
    assert grid_for(samples) == (side, across)
    assert side * across <= 8192
    assert across**2 >= samples


def test_the_viewer_reads_its_config(explorer):
    pictures, points = text_format.Parse(
        (explorer / FILES[3]).read_text(), ProjectorConfig()
    ).embeddings
    for one in (pictures, points):
        assert list(one.tensor_shape) == [24, 49]
        assert (one.tensor_path, one.metadata_path) == FILES[:2]
    assert pictures.tensor_name < points.tensor_name  # the first one opens
    assert pictures.sprite.image_path == FILES[2]
    assert list(pictures.sprite.single_image_dim) == [64, 64]
    assert not points.sprite.image_path


def test_the_same_products_give_the_same_bytes(explorer, small_run, tmp_path):
    again = made(small_run, tmp_path)
    assert [(again / name).read_bytes() for name in FILES] == [
        (explorer / name).read_bytes() for name in FILES
    ]


def test_of_many_samples_so_many_are_drawn_by_the_seed(explorer, small_run, tmp_path):
    few = made(small_run, tmp_path, points=10)
    rows = rows_of(few)
    assert len(rows) == 10
    every = rows_of(explorer)
    here = [every.index(row) for row in rows]
    assert here == sorted(here)
    told = np.fromfile(few / "tensors.bytes", "<f4").reshape(10, 49)
    whole = np.fromfile(explorer / "tensors.bytes", "<f4").reshape(24, 49)[here]
    np.testing.assert_allclose(told @ told.T, whole @ whole.T, atol=1e-5)


def only(tmp_path, values):
    """Embeddings of the first shard only, and none of the second."""
    folder = tmp_path / "embeddings"
    for key, count in zip(KEYS, (len(values), 0), strict=True):
        write_embeddings(key.part(folder, ".parquet"), IDS[key][:count], values[:count], {})
    return {"embeddings": folder}


def test_what_cannot_be_compared_is_told(small_run, tmp_path):
    (tmp_path / FILES[3]).write_text("of an older run")
    with pytest.raises(UserError, match="holds one embedding"):
        made(small_run, tmp_path, only(tmp_path, np.ones((1, 1024), np.float32)))
    with pytest.raises(UserError, match="every embedding is 0"):
        made(small_run, tmp_path, only(tmp_path, np.zeros((5, 1024), np.float32)))
    assert not (tmp_path / FILES[3]).exists()  # what stands beside it is of another run


def made_of_nothing(folder):
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).touch()
    return folder


def test_the_folder_is_found(tmp_path):
    with pytest.raises(UserError, match="make it by `snakemake --cores all explorer`"):
        explorer_folder(tmp_path)
    first = made_of_nothing(tmp_path / "results/explorer/fusion/vae/resnet18")
    assert explorer_folder(tmp_path) == explorer_folder(first) == first
    second = made_of_nothing(tmp_path / "results/explorer/fusion/mae/resnet18")
    with pytest.raises(UserError, match=f"several models; name one by --folder: {second}, {first}"):
        explorer_folder(tmp_path)


@pytest.mark.parametrize("name", FILES[:3])
def test_a_file_that_was_removed_is_named(tmp_path, name):
    folder = made_of_nothing(tmp_path / "results/explorer/fusion/vae/resnet18")
    (folder / name).unlink()
    for given in (tmp_path, folder):
        with pytest.raises(UserError, match=f"{folder}: lacks {name}, so that"):
            explorer_folder(given)
