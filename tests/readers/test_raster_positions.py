"""Rasters whose position is missing, or means no place on Earth."""

import warnings

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.transform import from_origin

UTM = "EPSG:32632"


@pytest.fixture
def stack_of(tmp_path, fakes, opened):
    """The one sample of two files with a system and perhaps a transform."""

    def make(crs, transform=None):
        for number, band in enumerate(("VV", "VH")):
            placed = {} if transform is None else {"transform": transform}
            path = tmp_path / f"p_20200601_{band}.tif"
            with (
                warnings.catch_warnings(action="ignore"),
                rasterio.open(
                    path, "w", driver="GTiff", count=1, height=40, width=40, dtype="float32",
                    crs=crs, **placed,
                ) as raster,
            ):  # fmt: skip
                raster.write(fakes.backscatter(number)[None])
        (sample,) = opened(tmp_path, "p", **fakes.STACK | {"dates": 1}).samples
        return sample

    return make


def test_a_raster_with_a_system_but_no_position_is_a_problem(stack_of):
    sample = stack_of(UTM)
    assert sample.grid is None
    assert "position" in sample.problem


def test_a_raster_that_is_turned_by_a_quarter_keeps_its_grid(stack_of):
    turned = Affine(0, 10, 500_000, -10, 0, 5_200_000)
    sample = stack_of(UTM, turned)
    assert not sample.problem
    assert sample.grid.affine == turned


def test_a_raster_with_rows_from_south_to_north_keeps_its_grid(stack_of):
    upward = Affine(10, 0, 500_000, 0, 10, 5_200_000)
    sample = stack_of(UTM, upward)
    assert not sample.problem
    np.testing.assert_allclose(sample.grid.affine[:6], upward[:6])


def test_a_raster_with_a_position_has_no_problem(stack_of):
    assert not stack_of(UTM, from_origin(500_000, 5_200_000, 10, 10)).problem
