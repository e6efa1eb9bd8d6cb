"""Reading shards of cubes."""

import numpy as np
import pytest
from tests.products.written_cubes import FEATURES, cubes_of, write

from speckle2vec.errors import UserError
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.stores import new_store


def test_what_is_written_is_read(tmp_path):
    cubes = cubes_of(7)
    write(tmp_path / "a.zarr.zip", cubes)
    with open_cubes(tmp_path / "a.zarr.zip") as shard:
        np.testing.assert_array_equal(shard.read(2, 5), cubes[2:5])
        assert shard.sample_ids == tuple(f"sample{index}" for index in range(7))
        assert shard.features == FEATURES
        assert shard.rows.tolist() == list(range(7))


def test_a_shard_of_refused_samples_is_empty_and_can_be_read(tmp_path):
    write(tmp_path / "a.zarr.zip", cubes_of(0))
    with open_cubes(tmp_path / "a.zarr.zip") as shard:
        assert shard.sample_ids == ()
        assert shard.read(0, 0).shape == (0, 2, 8, 8)
        assert shard.moments.mean.shape == (0, 2)


def test_a_file_of_an_older_version_is_a_sentence(tmp_path):
    path = tmp_path / "a.zarr.zip"
    with new_store(path) as group:
        group.create_array("cubes", data=cubes_of(1))
    with pytest.raises(UserError, match=r"lacks sample_id, .* of an older version; remove it"):
        open_cubes(path).__enter__()


def test_some_are_taken_in_the_order_they_are_asked_for(tmp_path):
    cubes = cubes_of(7)
    write(tmp_path / "a.zarr.zip", cubes)
    with open_cubes(tmp_path / "a.zarr.zip") as shard:
        np.testing.assert_array_equal(shard.take(np.array([5, 0, 3])), cubes[[5, 0, 3]])


def test_cubes_of_another_shard_are_a_sentence(tmp_path):
    write(tmp_path / "a.zarr.zip", cubes_of(1), corpus="demo", shard="train-000001")
    with open_cubes(tmp_path / "a.zarr.zip", ShardKey("demo", "train-000001")):
        pass
    with pytest.raises(UserError, match="train-000001"):
        open_cubes(tmp_path / "a.zarr.zip", ShardKey("demo", "train-000002")).__enter__()
