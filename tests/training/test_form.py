"""How samples are kept, and that what is given of them is the same."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from speckle2vec.products.statistics import Statistics, normalise
from speckle2vec.training.form import Form

STATISTICS = Statistics(
    ("a", "b", "c"), dict.fromkeys("abc", "dB"), "sigma0", (9.0,) * 3,
    (-12.03, 0.4, 7.0), (5.3, 0.02, 0.0), "of-test",
)  # fmt: skip
HALF, SINGLE = np.dtype("float16"), np.dtype("float32")


def form(dtype=HALF, height=4, width=6):
    return Form((3, height, width), dtype, STATISTICS)


def cubes(height=4, width=6, dtype=np.float16):
    values = np.random.default_rng(0).normal(-10, 20, (5, 3, height, width)).astype(dtype)
    values[0, :, 0, :4] = np.nan, np.inf, -np.inf, np.finfo(np.float16).max
    return values


def given(one, values):
    return one.given(torch.from_numpy(one.kept(values))).numpy()


def test_half_precision_that_is_normalised_late_is_equal_bit_for_bit():
    values = cubes()
    found, expected = given(form(), values), normalise(values, STATISTICS)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    assert np.isfinite(found).all()
    assert not found[0, :, 0, :3].any()
    assert not found[:, 2].any()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_where_not_all_are_of_half_precision_all_are_normalised_once(dtype):
    values = cubes(dtype=dtype)
    np.testing.assert_array_equal(given(form(SINGLE), values), normalise(values, STATISTICS))


@pytest.mark.parametrize(("height", "width"), [(4, 6), (5, 6), (8, 7), (9, 11)])
@pytest.mark.parametrize("dtype", [HALF, SINGLE])
def test_of_larger_patches_the_centre_is_kept(height, width, dtype):
    values = cubes(height, width, dtype.type)
    top, left = (height - 4) // 2, (width - 6) // 2
    centre = values[:, :, top : top + 4, left : left + 6]
    np.testing.assert_array_equal(given(form(dtype), values), normalise(centre, STATISTICS))
    assert abs((height - top - 4) - top) <= 1
    assert abs((width - left - 6) - left) <= 1


@pytest.mark.parametrize("dtype", [HALF, SINGLE, np.dtype("float64")])
def test_a_sample_takes_as_much_memory_as_is_said(dtype):
    one = form(dtype)
    kept = one.kept(cubes(9, 9, dtype.type)[1:])
    assert kept[0].nbytes == one.sample_bytes


def test_what_is_kept_can_be_given_again():
    one = form()
    kept = torch.from_numpy(one.kept(cubes()))
    before = kept.clone()
    first, second = one.given(kept), one.given(kept)
    assert torch.equal(first, second)
    assert torch.equal(kept.nan_to_num(), before.nan_to_num())


def test_statistics_without_spread_give_zeros():
    constant = replace(form(), statistics=replace(STATISTICS, std=(0.0,) * 3))
    assert not given(constant, cubes()).any()
