"""Writing shards of cubes."""

import numpy as np
import pytest
import zarr
from tests.products.held import Held
from tests.products.written_cubes import FEATURES, cubes_of, write

from speckle2vec.products.cube_writer import new_cubes, write_cubes
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.stores import open_store


def test_bytes_do_not_depend_on_the_blocks(tmp_path):
    cubes = cubes_of(7)
    write(tmp_path / "a.zarr.zip", cubes, block=1)
    write(tmp_path / "b.zarr.zip", cubes, block=7)
    assert (tmp_path / "a.zarr.zip").read_bytes() == (tmp_path / "b.zarr.zip").read_bytes()


def test_the_digest_tells_contents_apart(tmp_path):
    digests = []
    for seed in (1, 1, 2):
        write(tmp_path / "a.zarr.zip", cubes_of(3, seed))
        with open_cubes(tmp_path / "a.zarr.zip") as shard:
            digests.append(shard.attributes["sha256"])
    assert digests[0] == digests[1] != digests[2]


def test_too_few_cubes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="3 cubes for 4 samples"):
        write(tmp_path / "a.zarr.zip", cubes_of(3), names=list("abcd"))
    assert not list(tmp_path.iterdir())


def test_room_for_samples_that_were_refused_is_given_back(tmp_path):
    cubes = cubes_of(3)
    with new_cubes(tmp_path / "a.zarr.zip", 5, (2, 8, 8)) as writer:
        writer.add(cubes[:1])
        writer.add(cubes[1:])
        writer.describe(["a", "b", "c"], [0, 2, 4], {"features": FEATURES})
    with open_cubes(tmp_path / "a.zarr.zip") as shard:
        assert shard.cubes.shape == (3, 2, 8, 8)
        assert shard.rows.tolist() == [0, 2, 4]
        np.testing.assert_array_equal(shard.read(0, 3), cubes)


def test_dates_and_more_numbers_a_sample_are_kept(tmp_path):
    dates = np.array([["2020-01-05", "NaT"], ["2020-04-05", "2020-07-05"]], "datetime64[ns]")
    with new_cubes(tmp_path / "a.zarr.zip", 2, (2, 8, 8), "float16") as writer:
        writer.add(cubes_of(2))
        writer.describe(
            ["a", "b"], [0, 1], {"features": FEATURES}, dates, {"clouds": np.array([0.5, 0.25])}
        )
    with open_cubes(tmp_path / "a.zarr.zip") as shard:
        np.testing.assert_array_equal(shard.dates, dates)
        assert shard.read(0, 2).dtype == np.float16
    with open_store(tmp_path / "a.zarr.zip") as group:
        clouds = group["clouds"]
        assert isinstance(clouds, zarr.Array)
        assert np.asarray(clouds[:]).tolist() == [0.5, 0.25]


def test_unknown_dates_are_told_as_such(tmp_path):
    write(tmp_path / "a.zarr.zip", cubes_of(2))
    with open_cubes(tmp_path / "a.zarr.zip") as shard:
        assert np.isnat(shard.dates).tolist() == [[True], [True]]


def test_few_blocks_are_in_memory(tmp_path):
    def make(number):
        block = cubes_of(2, number)
        return block, block

    held = Held()
    names = [str(number) for number in range(24)]
    blocks = held.draw(make, 12)
    write_cubes(tmp_path / "a", blocks, names, range(24), (2, 8, 8), {"features": FEATURES})
    assert held.most <= 3
