"""Images of unseen blocks, encoded, stored as codes and decoded again."""

import numpy as np
import pytest
import torch
from test_decoding import CORPORA, FEW, trained

from speckle2vec.errors import UserError
from speckle2vec.pretrain.decode import decode_images
from speckle2vec.pretrain.decoding import load_decoding
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.reconstructions import open_reconstructions
from speckle2vec.products.statistics import normalise
from speckle2vec.settings.load import parse_settings

SPLITS = ["train", "train", "validation", "test", "", "buffer"] * 4


def settings(scored=("test",), **changes):
    chosen = {"codes": ["float32", "int8"], **changes}
    values = {"pretrain": FEW, "reconstruction": chosen, "probes": {"scored": list(scored)}}
    return parse_settings({"corpora": CORPORA, **values}, "test")


@pytest.fixture
def keys(cube_corpus):
    return [cube_corpus.write_shard(shard, SPLITS) for shard in ("1", "2")]


@pytest.fixture
def decode(cube_corpus, keys):
    def decoded(files, chosen=None, method="vae", name="images.zarr.zip", reverse=False, **told):
        output = cube_corpus.folder / name
        decode_images(
            chosen or settings(), {"method": method, **told}, *files,
            keys[::-1] if reverse else keys, cube_corpus.cubes, cube_corpus.catalogue, output,
        )  # fmt: skip
        return output

    return decoded


@pytest.mark.parametrize(
    ("method", "encoder", "numbers"),
    [("vae", "cnn-transformer", 1024), ("vae", "resnet18", 16), ("mae", "resnet18", 2048)],
)
def test_images_are_those_of_unseen_blocks_decoded_by_the_model(
    cube_corpus, keys, decode, method, encoder, numbers
):
    files = trained(cube_corpus, keys[0], "model", method, encoder)
    told, loaded = load_decoding(*files)
    with open_cubes(keys[1].part(cube_corpus.cubes, ".zarr.zip")) as shard:
        row = shard.sample_ids.index("2_9")
        cube = torch.from_numpy(normalise(shard.read(row, row + 1), told.statistics))
    with torch.no_grad():
        expected = loaded.images(loaded.code(cube, torch.zeros(1, 4)))[0].numpy()
    with open_reconstructions(decode(files, method=method)) as found:
        assert set(found.sample_ids) == {f"{s}_{row}" for s in (1, 2) for row in (3, 9, 15, 21)}
        images = found.read(0, 8)
        number = found.sample_ids.index("2_9")
        np.testing.assert_array_equal(images.original[number], cube[0].numpy())
        np.testing.assert_allclose(images.decoded["float32"][number], expected, atol=1e-5)
        gap = np.abs(images.decoded["int8"] - images.decoded["float32"]).max()
        assert 0 < gap < 0.2 * np.abs(images.decoded["float32"]).max()
        assert found.about["numbers"] == numbers
        assert found.about["bytes"] == {"float32": 4 * numbers, "int8": numbers}
        assert found.about["training_samples"] == 16
        assert found.about["deviations"] == list(cube_corpus.statistics.std)


def test_which_samples_are_drawn_depends_on_the_seed_and_not_on_the_order(
    cube_corpus, keys, decode
):
    files = trained(cube_corpus, keys[0], "model", "vae")
    few = settings(("validation", "test"), samples=5, fitted=8)
    first = decode(files, few)
    assert decode(files, few, name="again.zip", reverse=True).read_bytes() == first.read_bytes()
    with open_reconstructions(first) as found:
        ids = found.sample_ids
        assert found.about["training_samples"] == 8
    assert len(ids) == 5
    assert {int(name.split("_")[1]) % 6 for name in ids} <= {2, 3}
    other = decode(files, few.model_copy(update={"seed": 9}), name="other.zip")
    with open_reconstructions(other) as found:
        assert set(found.sample_ids) != set(ids)


def test_wrong_requests_are_sentences(cube_corpus, keys, decode):
    with pytest.raises(UserError, match=r"`simclr` decodes no images.*`vae` and `mae` do"):
        decode((None, None), method="simclr")
    with pytest.raises(UserError, match="--encoder-file and --decoder-file; give both"):
        decode((None, None))
    files = trained(cube_corpus, keys[0], "model", "vae", "resnet18")
    with pytest.raises(UserError, match=r"codes` is wrong: 'pca64-int8' asks .* than the 16"):
        decode(files, settings(codes=["pca64-int8"]))
    with pytest.raises(UserError, match=r"another's file \(architecture resnet18, not pca\)"):
        decode(files, architecture="pca")
    with pytest.raises(UserError, match=r"another's file \(method vae, not mae\)"):
        decode(files, method="mae")


def test_too_few_samples_and_too_small_cubes_are_sentences(cube_corpus, keys):
    files = trained(cube_corpus, keys[0], "model", "vae")
    places = cube_corpus.cubes, cube_corpus.catalogue, cube_corpus.folder / "images.zip"
    key = cube_corpus.write_shard("3", ["train"] * 9)
    with pytest.raises(UserError, match="9 samples of training blocks and of 0 of the split test"):
        decode_images(settings(), {"method": "vae"}, *files, [key], *places)
    wide = cube_corpus.write_shard("4", SPLITS, side=64)
    large = trained(cube_corpus, wide, "large", "vae")
    with pytest.raises(UserError, match=r"32 x 32 pixels, and the decoder gives 64 x 64"):
        decode_images(settings(), {"method": "vae"}, *large, [wide, keys[0]], *places)
