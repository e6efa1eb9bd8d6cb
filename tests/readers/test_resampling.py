import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from rasterio.transform import from_origin
from scipy.ndimage import map_coordinates

from speckle2vec.readers.resampling import on_grid, source_window

WEST, NORTH = 500_000, 5_200_000


def grid_of(shape, west=WEST, north=NORTH, pixel=10):
    return GeoBox(shape, from_origin(west, north, pixel, pixel), "EPSG:32632")


def image(side, seed=0):
    return np.random.default_rng(seed).uniform(0, 1, (side, side)).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(row=st.integers(-50, 50), column=st.integers(-50, 50), side=st.integers(1, 60))
def test_shifts_by_whole_pixels_copy(row, column, side):
    values = image(40)
    grid = grid_of((side, side), WEST + 10 * column, NORTH - 10 * row)
    found = on_grid(values, from_origin(WEST, NORTH, 10, 10), grid)
    for y in range(side):
        for x in range(side):
            inside = 0 <= y + row < 40 and 0 <= x + column < 40
            expected = values[y + row, x + column] if inside else np.nan
            np.testing.assert_array_equal(found[y, x], expected)


@pytest.mark.parametrize("coarse", [20, 60])
def test_coarser_bands_are_interpolated_between_centres(coarse):
    side, step = 120, coarse // 10
    values = image(side // step)
    found = on_grid(values, from_origin(WEST, NORTH, coarse, coarse), grid_of((side, side)))
    centres = (np.arange(side) + 0.5) / step - 0.5
    where = np.stack(np.meshgrid(centres, centres, indexing="ij"))
    expected = map_coordinates(values.astype(np.float64), where, order=1, mode="nearest")
    inner = slice(step, -step)
    np.testing.assert_allclose(found[inner, inner], expected[inner, inner], atol=1e-5)
    assert np.isfinite(found).all()


def test_a_shift_by_parts_of_a_pixel_is_interpolated():
    values, grid = image(40), grid_of((20, 20), WEST + 103, NORTH - 96)
    found = on_grid(values, from_origin(WEST, NORTH, 10, 10), grid)
    rows, columns = np.arange(20) + 9.6, np.arange(20) + 10.3
    where = np.stack(np.meshgrid(rows, columns, indexing="ij"))
    expected = map_coordinates(values.astype(np.float64), where, order=1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_what_is_unknown_stays_unknown():
    values = image(12)
    values[3:6, 3:6] = np.nan
    found = on_grid(values, from_origin(WEST, NORTH, 20, 20), grid_of((24, 24)))
    assert np.isnan(found[8:10, 8:10]).all()
    assert np.isfinite(found[:4]).all()


def test_only_what_lies_on_the_grid_is_read(tmp_path, fakes):
    path = fakes.write_raster(tmp_path / "a.tif", image(100))
    with rasterio.open(path) as raster:
        inside = source_window(raster, grid_of((20, 30), WEST + 400, NORTH - 500))
        assert (inside.col_off, inside.row_off, inside.width, inside.height) == (38, 48, 34, 24)
        outside = source_window(raster, grid_of((20, 30), WEST + 4000, NORTH))
        assert outside.width == 0
        corner = source_window(raster, grid_of((20, 30), WEST - 100, NORTH + 100))
        assert (corner.width, corner.height) == (22, 12)
