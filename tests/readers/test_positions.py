"""Grids from what a file says of its position."""

import math

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speckle2vec.readers.positions import grid_around, grid_from_axes

ZONE = 32632
ROUNDING = 1e-9
EAST = 400_005 + 10.0 * np.arange(6)
NORTH = 5_200_005 - 10.0 * np.arange(4)


def centres_of(grid):
    """Coordinates of the centres of all columns, and of all rows."""
    height, width = grid.shape
    x = [(grid.affine * (column + 0.5, 0))[0] for column in range(width)]
    y = [(grid.affine * (0, row + 0.5))[1] for row in range(height)]
    return x, y


@pytest.mark.parametrize("east", [EAST, EAST[::-1], EAST[:2]], ids=["east", "west", "two"])
@pytest.mark.parametrize("north", [NORTH, NORTH[::-1], 3 * NORTH], ids=["down", "up", "coarse"])
def test_pixels_are_centred_where_the_axes_say(east, north):
    grid = grid_from_axes(east, north, ZONE)
    assert grid.shape == (len(north), len(east))
    assert grid.crs.epsg == ZONE
    x, y = centres_of(grid)
    np.testing.assert_allclose(x, east, atol=1e-6)
    np.testing.assert_allclose(y, north, atol=1e-6)


@pytest.mark.parametrize(
    "axis",
    [
        [], [5.0], [5.0] * 4, [0.0, 10, 20, np.nan], [np.nan, 10, 20, 30], [0.0, 10, 20, np.inf],
        [0.0, 10, 0, 10], [0.0, 10, 30, 40], [0.0, 10, 20, 32],
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_pixels_that_are_not_evenly_spaced_have_no_grid(axis):
    assert grid_from_axes(np.array(axis), NORTH, ZONE) is None
    assert grid_from_axes(EAST, np.array(axis), ZONE) is None


def test_what_rounding_did_to_an_axis_does_no_harm():
    rounded = (EAST + [0, 0.4, -0.4, 0.4, -0.4, 0]).astype(np.float32)
    assert grid_from_axes(rounded, NORTH, ZONE) == grid_from_axes(EAST, NORTH, ZONE)


@pytest.mark.parametrize("code", [0, -1, 99_999_999, "", "none", np.nan, b"x"])
def test_where_the_code_is_none_there_is_no_grid(code):
    assert grid_from_axes(EAST, NORTH, code) is None


@pytest.mark.parametrize("code", [np.int32(ZONE), str(ZONE), float(ZONE), np.float32(ZONE)])
def test_a_code_counts_in_whatever_type_it_is_stored(code):
    assert grid_from_axes(EAST, NORTH, code) == grid_from_axes(EAST, NORTH, ZONE)


@pytest.mark.parametrize("dtype", ["int32", "uint32"])
def test_whole_metres_are_as_good_as_fractions(dtype):
    east, north = EAST.astype(dtype), NORTH.astype(dtype)
    assert grid_from_axes(east, north, ZONE) == grid_from_axes(EAST, NORTH, ZONE)


@given(st.floats(-180, 180), st.floats(-80, 84), st.integers(1, 9), st.integers(1, 9))
def test_a_guessed_grid_lies_around_its_centre_in_a_zone_that_holds_it(east, north, height, width):
    grid = grid_around(east, north, height, width)
    assert grid.shape == (height, width)
    zone = pyproj.CRS.from_epsg(grid.crs.epsg).area_of_use
    assert zone.west - ROUNDING <= east <= zone.east + ROUNDING
    assert zone.south - ROUNDING <= north <= zone.north + ROUNDING
    a, _, west, _, e, top = tuple(grid.affine)[:6]
    assert (a, e) == (10, -10)
    back = pyproj.Transformer.from_crs(grid.crs.epsg, 4326, always_xy=True)
    x, y = back.transform(west + 5 * width, top - 5 * height)
    assert math.isclose((x - east + 180) % 360, 180, abs_tol=1e-6)
    assert math.isclose(y, north, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("east", "north"), [(np.nan, 0), (0, np.nan), (180.1, 0), (0, -90.1), (np.inf, 0), (0, np.inf)]
)
def test_there_is_no_grid_around_no_place(east, north):
    assert grid_around(east, north, 4, 4) is None
