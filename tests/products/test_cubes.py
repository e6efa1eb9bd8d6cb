import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from speckle2vec.errors import UserError
from speckle2vec.products.cubes import moments_of, open_cubes, write_cubes
from speckle2vec.products.stores import new_store

FEATURES = ("vv_mean", "vh_mean")


def cubes_of(count, seed=0):
    return np.random.default_rng(seed).normal(-12, 5, (count, 2, 8, 8)).astype(np.float32)


def write(path, cubes, block=3, names=None):
    blocks = (cubes[start : start + block] for start in range(0, len(cubes), block))
    names = names or [f"sample{index}" for index in range(len(cubes))]
    write_cubes(path, blocks, names, range(len(cubes)), (2, 8, 8), {"features": FEATURES})


def test_what_is_written_is_read(tmp_path):
    cubes = cubes_of(7)
    write(tmp_path / "a.zarr.zip", cubes)
    with open_cubes(tmp_path / "a.zarr.zip") as shard:
        np.testing.assert_array_equal(shard.read(2, 5), cubes[2:5])
        assert shard.sample_ids == tuple(f"sample{index}" for index in range(7))
        assert shard.features == FEATURES
        assert shard.rows.tolist() == list(range(7))


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


def test_a_shard_of_refused_samples_is_empty_and_can_be_read(tmp_path):
    write(tmp_path / "a.zarr.zip", cubes_of(0))
    with open_cubes(tmp_path / "a.zarr.zip") as shard:
        assert shard.sample_ids == ()
        assert shard.read(0, 0).shape == (0, 2, 8, 8)
        assert shard.moments.mean.shape == (0, 2)


def test_too_few_cubes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="3 cubes for 4 samples"):
        write(tmp_path / "a.zarr.zip", cubes_of(3), names=list("abcd"))
    assert not list(tmp_path.iterdir())


@settings(deadline=None, max_examples=50)
@given(npst.arrays(np.float32, (2, 3, 4, 4), elements=st.floats(-50, 50, width=32)))
def test_moments_are_numpys(cubes):
    moments = moments_of(cubes)
    values = cubes.astype(np.float64)
    np.testing.assert_allclose(moments.mean, values.mean((2, 3)), atol=1e-9)
    np.testing.assert_allclose(moments.squares / 16, values.var((2, 3)), atol=1e-9)
    assert (moments.count == 16).all()


def test_moments_pass_over_what_is_not_finite():
    cubes = cubes_of(1)
    cubes[0, 0, 0, :3] = np.nan
    moments = moments_of(cubes)
    assert moments.count.tolist() == [[61, 64]]
    np.testing.assert_allclose(moments.mean[0, 0], np.nanmean(cubes[0, 0], dtype=np.float64))
    np.testing.assert_allclose(moments.squares[0, 0] / 61, np.nanvar(cubes[0, 0], dtype=np.float64))


def test_a_file_of_an_older_version_is_a_sentence(tmp_path):
    path = tmp_path / "a.zarr.zip"
    with new_store(path) as group:
        group.create_array("cubes", data=cubes_of(1))
    with pytest.raises(UserError, match=r"lacks sample_id, .* of an older version; remove it"):
        open_cubes(path).__enter__()
