import dataclasses

import numpy as np
import pytest
import torch

from speckle2vec.embed.extract import embed_shard, load_network
from speckle2vec.errors import UserError
from speckle2vec.networks.registry import build_encoder
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.embeddings import embedding_values, read_embeddings
from speckle2vec.products.encoders import EncoderFile, write_encoder
from speckle2vec.products.statistics import Statistics
from speckle2vec.settings.load import parse_settings

FEATURES = ("vv_mean", "vh_mean", "flat")
UNITS = dict.fromkeys(FEATURES, "dB")
ATTRIBUTES = {
    "features": list(FEATURES), "units": UNITS, "calibration": "sigma0", "recipe": {"size": 64},
}  # fmt: skip
STATISTICS = Statistics(
    FEATURES, UNITS, "sigma0", (1.0,) * 3, (-12.0, -20.0, 3.0), (5.0, 6.0, 0.0), "f"
)


def settings_with(batch_size):
    return parse_settings(
        {"corpora": {"a": {"source": "simulated"}}, "embed": {"batch_size": batch_size}}, "x"
    )


def cubes_of(count):
    rng = np.random.default_rng(3)
    cubes = rng.normal(-15, 5, (count, 3, 64, 64)).astype(np.float32)
    cubes[:, 2] = 3
    return cubes


def write_shard(path, cubes, **changes):
    names = [f"sample{index}" for index in range(len(cubes))]
    attributes = {**ATTRIBUTES, **changes}
    write_cubes(path, iter([cubes]), names, range(len(cubes)), (3, 64, 64), attributes)


@pytest.fixture
def trained():
    network = build_encoder("cnn-transformer", 3, {}, seed=1)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    return EncoderFile(
        architecture="cnn-transformer", channels=3, settings={}, statistics=STATISTICS,
        recipe={"size": 64}, method="simclr", training={"crop": 128}, seed=1, data="d", samples=9,
        code="c", versions={}, weights=weights,
    )  # fmt: skip


@pytest.fixture
def files(tmp_path, trained):
    write_encoder(trained, tmp_path / "encoder.safetensors")
    write_shard(tmp_path / "cubes.zarr.zip", cubes_of(10))
    return tmp_path


def embed(folder, batch_size=4):
    arguments = [folder / name for name in ("encoder.safetensors", "cubes.zarr.zip", "e.parquet")]
    embed_shard(settings_with(batch_size), *arguments)
    table = read_embeddings(folder / "e.parquet")
    return table["id"].to_pylist(), embedding_values(table["embedding"])


def test_embeddings_are_the_networks_output_on_normalised_cubes(files, trained):
    ids, values = embed(files)
    cubes = cubes_of(10)
    mean, std = (np.float32(values)[:, None, None] for values in ([-12, -20, 3], [5, 6, 1]))
    normal = (cubes - mean) / std
    network = load_network(trained, files)
    with torch.no_grad():
        expected = network(torch.from_numpy(normal)).numpy()
    assert ids == [f"sample{index}" for index in range(10)]
    np.testing.assert_allclose(values, expected, atol=1e-5)


def test_extraction_repeats_its_bytes(files):
    embed(files)
    first = (files / "e.parquet").read_bytes()
    embed(files)
    assert (files / "e.parquet").read_bytes() == first


def test_a_sample_embeds_alike_in_any_batch(files):
    np.testing.assert_allclose(embed(files, 1)[1], embed(files, 10)[1], atol=1e-5)


def test_dropout_and_batch_statistics_are_off(files, trained):
    assert not load_network(trained, files).training


def test_an_empty_shard_gives_an_empty_part(files):
    write_shard(files / "cubes.zarr.zip", cubes_of(0))
    ids, values = embed(files)
    assert ids == []
    assert values.shape == (0, 1024)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"calibration": "gamma0"}, 'calibration is "gamma0", not "sigma0"'),
        ({"units": {**UNITS, "vv_mean": "linear"}}, 'units of vv_mean is "linear", not "dB"'),
        ({"features": ["vh_mean", "vv_mean", "flat"]}, "features is"),
        ({"recipe": {"size": 32}}, "recipe of size is 32, not 64"),
    ],
)
def test_cubes_that_mean_something_else_are_refused(files, changes, sentence):
    write_shard(files / "cubes.zarr.zip", cubes_of(2), **changes)
    with pytest.raises(UserError, match="does not fit the encoder") as caught:
        embed(files)
    assert sentence in str(caught.value)
    assert not (files / "e.parquet").exists()


def test_weights_of_another_network_are_refused(files, trained):
    other = dataclasses.replace(trained, channels=5)
    write_encoder(other, files / "encoder.safetensors")
    with pytest.raises(UserError, match="do not fit cnn-transformer with 5 channels"):
        embed(files)


def test_of_larger_patches_the_centre_is_embedded(files, trained):
    cubes = cubes_of(5)
    write_shard(files / "cubes.zarr.zip", cubes)
    _, whole = embed(files)
    large = np.random.default_rng(9).normal(-15, 5, (5, 3, 80, 82)).astype(np.float32)
    large[:, :, 8:72, 9:73] = cubes
    write_cubes(
        files / "cubes.zarr.zip", iter([large]), [f"sample{n}" for n in range(5)], range(5),
        (3, 80, 82), ATTRIBUTES,
    )  # fmt: skip
    write_encoder(
        dataclasses.replace(trained, training={"crop": 64}), files / "encoder.safetensors"
    )
    np.testing.assert_allclose(embed(files)[1], whole, atol=1e-5)
