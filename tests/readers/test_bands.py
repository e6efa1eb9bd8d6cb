"""Bands and pixels of a Zarr group, found by their names."""

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.readers.archives import group_of
from speckle2vec.readers.bands import numbers, optical_order, pixels, polarisation_order

EVERY = slice(None)


@pytest.fixture
def group(fakes):
    return lambda dataset: group_of(fakes.zipped(dataset))


@pytest.mark.parametrize("seed", range(3))
def test_bands_are_found_among_others_in_any_order_and_spelling(group, fakes, seed):
    stored = np.random.default_rng(seed).permutation([*fakes.OPTICAL, "SCL", "B10"]).tolist()
    spelt = [name.lower().replace("b0", "b") for name in stored]
    found = optical_order(group(fakes.optical(side=2, bands=spelt)), "here", 14)
    assert [stored[position] for position in found] == list(fakes.OPTICAL)


def test_bands_without_names_count_only_where_they_are_as_many_as_published(group, fakes):
    unnamed = group(fakes.optical(side=2).drop_vars("band"))
    assert optical_order(unnamed, "here", 12) == list(range(12))
    with pytest.raises(UserError, match=r"here: has 13 bands, named B01, .* take the S2L2A file"):
        optical_order(unnamed, "here", 13)
    assert polarisation_order(unnamed, "here", 2, unnamed=("VH", "VV")) == [1, 0]


def test_a_band_that_is_there_under_two_spellings_is_refused(group, fakes):
    twice = group(fakes.optical(side=2, bands=(*fakes.OPTICAL, "B2")))
    with pytest.raises(UserError, match=r"has 13 bands, named B01, B02, .*, B2; B01 and B02 and"):
        optical_order(twice, "here", 13)


@pytest.mark.parametrize(
    "order", [("sample", "time", "band", "y", "x"), ("x", "band", "sample", "y", "time")]
)
def test_pixels_and_numbers_do_not_depend_on_how_dimensions_are_stored(group, fakes, order):
    dataset = fakes.published(samples=5, side=6, bands=("angle", "VH", "VV"))
    expected = dataset["bands"].values[:, :, [2, 1]]
    stored = group(dataset.assign(bands=dataset["bands"].transpose(*order)))
    np.testing.assert_array_equal(pixels(stored, slice(1, 4), [2, 1]), expected[1:4])
    np.testing.assert_array_equal(numbers(stored, slice(3, 9), 2, [2, 1]), expected[3:, 2])


def test_a_group_of_one_place_is_one_sample(group, fakes):
    dataset = fakes.member(side=6)
    expected = dataset["bands"].values[None]
    np.testing.assert_array_equal(pixels(group(dataset), slice(0, 1), [0, 1]), expected)
    np.testing.assert_array_equal(numbers(group(dataset), EVERY, 3, [1, 0]), expected[:, 3, ::-1])


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_pixels_are_scaled_and_lack_fill_values_where_numbers_are_as_stored(fakes, zarr_format):
    """As xarray reads them, which keeps the fill value elsewhere in either format."""
    dataset = fakes.optical(samples=2, side=4)
    stored = dataset["bands"].values
    stored[1, 0, 0, 2, 3] = -9
    dataset["bands"].attrs.update(scale_factor=0.5, add_offset=-1.0, _FillValue=-9)
    opened = group_of(fakes.zipped(dataset, zarr_format=zarr_format))
    found = numbers(opened, EVERY, 0, [0])
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, stored[:, 0, :1])
    read = pixels(opened, EVERY, [0])
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read[0], stored[0, :, :1] * 0.5 - 1)
    assert np.argwhere(np.isnan(read)).tolist() == [[1, 0, 0, 2, 3]]
