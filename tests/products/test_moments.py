"""Moments of the features of a sample."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from tests.products.written_cubes import cubes_of

from speckle2vec.products.moments import moments_of


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


def test_a_feature_without_a_finite_pixel_counts_nothing():
    cubes = cubes_of(1)
    cubes[0, 1] = np.inf
    moments = moments_of(cubes)
    assert moments.count.tolist() == [[64, 0]]
    assert (moments.mean[0, 1], moments.squares[0, 1]) == (0, 0)
