"""A part of a grid gets what the whole grid gets there, however much finer the raster is."""

import numpy as np
import pytest
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.transform import from_origin

from speckle2vec.readers.resampling import on_grid, source_window

WEST, NORTH, SIDE = 500_000, 5_200_000, 480


@pytest.mark.parametrize("pixel", [10, 20, 40, 80, 120])
@pytest.mark.parametrize("shift", [0, 3])
def test_a_part_of_a_coarser_grid_is_that_of_the_whole(tmp_path, fakes, pixel, shift):
    values = np.random.default_rng(0).uniform(0, 1, (SIDE, SIDE)).astype(np.float32)
    side = SIDE * 10 // pixel
    grid = GeoBox((side, side), from_origin(WEST + shift, NORTH, pixel, pixel), "EPSG:32632")
    part = slice(side // 2 - 1, side // 2 + 1), slice(1, 3)
    path = fakes.write_raster(tmp_path / "a.tif", values, origin=(WEST, NORTH))
    with rasterio.open(path) as raster:
        window = source_window(raster, grid[part])
        read = raster.read(1, window=window)
        found = on_grid(read, raster.window_transform(window), grid[part])
    whole = on_grid(values, from_origin(WEST, NORTH, 10, 10), grid)
    np.testing.assert_allclose(found, whole[part], atol=1e-6)
