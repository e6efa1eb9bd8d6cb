"""Cubes of the real pairs, by the settings of their experiments."""

import logging
from pathlib import Path

import numpy as np
import pytest
import yaml

from speckle2vec.ingest.run import ingest_shard
from speckle2vec.preprocess.run import preprocess_shard
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.listing import list_shards
from speckle2vec.settings.load import parse_settings

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def cubes_of(tmp_path, caplog, real):
    """Cubes of the only shard of an experiment, and what the log says."""

    def make(name, folder, tile=None, days=3):
        data = real(folder).parent
        path = REPOSITORY / "config" / "experiments" / f"{name}.yaml"
        config = yaml.safe_load(path.read_text()) | {"data": str(data)}
        ((corpus, declared),) = config["corpora"].items()
        declared["tile"] = tile
        config["preprocess"] = {"fusion": {"days": days}}
        settings = parse_settings(config, name)
        (shard,) = list_shards(settings, corpus, tmp_path)
        key, part, output = ShardKey(corpus, shard), tmp_path / "part", tmp_path / "cubes.zarr.zip"
        ingest_shard(settings, key, tmp_path, part)
        with caplog.at_level(logging.INFO, logger="speckle2vec"):
            preprocess_shard(settings, key, "fusion", part, tmp_path, output, 1)
        return output, caplog.text

    return make


def test_most_of_the_bigearthnet_examples_are_unpaired(cubes_of):
    path, said = cubes_of("bigearthnet", "bigearthnet-s1-s2-examples")
    assert "bigearthnet/places-all: 7 of 8 samples have no Sentinel-2 image." in said
    with open_cubes(path) as cubes:
        assert cubes.sample_ids == ("87_48_20170613",)
        assert len(cubes.attributes["left_out"]) == 7
        patch = cubes.read(0, 1)[0]
    assert patch.shape == (14, 128, 128)
    np.testing.assert_array_equal(patch[:, 4:124, :4], patch[:, 4:124, 8:4:-1])
    assert np.isfinite(patch).all()
    assert 0 < patch[:12].mean() < 0.5


def test_terramesh_has_pairs_without_a_delay(cubes_of):
    path, said = cubes_of("terramind", "terramind-examples")
    assert "samples have" not in said
    with open_cubes(path) as cubes:
        assert cubes.cubes.shape == (3, 14, 224, 224)
        assert cubes.attributes["calibration"] == "gamma0"
        assert np.isnat(cubes.dates[:, 0]).all()
        assert str(cubes.dates[2, 1])[:10] == "2017-10-30"


@pytest.mark.parametrize(("days", "kept"), [(3, ["0607"]), (21, ["0607"]), (22, ["0607", "0903"])])
def test_one_pair_of_the_ssl4eo_patch_is_close_and_one_is_not(cubes_of, days, kept):
    path, said = cubes_of("ssl4eo-patch-fusion", "ssl4eo-s12-0000200", days=days)
    assert (f"1 of 2 samples have no pair within {days} days" in said) == (len(kept) == 1)
    with open_cubes(path) as cubes:
        assert [name[-4:] for name in cubes.sample_ids] == kept
        assert cubes.cubes.shape[1:] == (14, 264, 264)
        if len(kept) == 1:
            assert "21.3 days away" in cubes.attributes["left_out"]["0000200_20200903"]
