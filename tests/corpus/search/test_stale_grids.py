"""What a stale transform does to a reader, and that items as kept are read right."""

import json

import numpy as np
import odc.stac
import pystac
import pytest
import rasterio
from affine import Affine
from pyproj import Transformer

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.providers import RTC
from speckle2vec.corpus.search.items import read_item

WEST, NORTH, SIDE = 380_000, 5_345_000, 300
STALE = {
    "proj:bbox": [WEST, NORTH - 3000, WEST + 3000, NORTH],
    "proj:transform": [10, 0, WEST - 5000, 0, -10, NORTH + 5000],
    "proj:shape": [400, 400],
}


@pytest.fixture
def scene(made, tmp_path):
    """A scene on disk and its item, whose grid may be changed."""
    values = np.arange(SIDE * SIDE, dtype="float32").reshape(SIDE, SIDE)
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 1, "dtype": "float32",
               "crs": "EPSG:32633", "transform": Affine(10, 0, WEST, 0, -10, NORTH),
               "nodata": -32768}  # fmt: skip
    for name in ("vv", "vh"):
        with rasterio.open(tmp_path / f"{name}.tif", "w", **profile) as file:
            file.write(values, 1)

    def make(**grid):
        box = (WEST, NORTH - 3000, WEST + 3000, NORTH)
        item = made.radar("a", "2021-06-01T05:00:00Z", 32633, box, **grid)
        for name in ("vv", "vh"):
            item["assets"][name]["href"] = str(tmp_path / f"{name}.tif")
        return item

    return make, values


def cut(item):
    """The patch around a place inside the scene, and the values that belong there."""
    back = Transformer.from_crs(32633, 4326, always_xy=True)
    grid = patch_grid(*back.transform(WEST + 1500, NORTH - 1500), 32633, 100)
    loaded = odc.stac.load([pystac.Item.from_dict(item)], bands=["vv"], geobox=grid)
    return grid, loaded.isel(time=0).vv.values


@pytest.mark.parametrize("grid", [{}, STALE])
def test_an_item_as_kept_is_read_where_its_file_lies(scene, grid):
    make, values = scene
    patch, found = cut(json.loads(read_item(make(**grid), RTC).stac))
    column, row = int(patch.affine.c - WEST) // 10, int(NORTH - patch.affine.f) // 10
    np.testing.assert_array_equal(found, values[row : row + 100, column : column + 100])


def test_an_item_as_given_is_read_empty_where_its_transform_is_stale(scene):
    """The reason why items are not kept as given."""
    _, found = cut(scene[0](**STALE))
    assert not np.isfinite(np.where(found == -32768, np.nan, found)).any()
