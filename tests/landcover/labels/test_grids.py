"""Boxes around grids against every corner of every pixel, and what is said of boxes."""

import numpy as np
import pyproj
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from speckle2vec.landcover.labels.grids import boxes_around, grid_of, moved, told

TURNED = Affine.translation(500_000, 5_400_000) @ Affine.rotation(33) @ Affine.scale(10, -10)
GRIDS = {
    "north up": GeoBox((40, 60), Affine(10, 0, 500_000, 0, -10, 5_400_000), "EPSG:32633"),
    "south up": GeoBox((40, 60), Affine(10, 0, 500_000, 0, 10, 5_400_000), "EPSG:32633"),
    "turned": GeoBox((40, 60), TURNED, "EPSG:32633"),
    "one pixel": GeoBox((1, 1), Affine(10, 0, 500_000, 0, -10, 5_400_000), "EPSG:32633"),
    "degrees": GeoBox((30, 30), Affine(1e-4, 0, 15, 0, -1e-4, 48), "EPSG:4326"),
}
AT_THE_EDGE = GeoBox((40, 40), Affine(10, 0, 833_800, 0, -10, 200), "EPSG:32660")


def corners_of(grid, crs):
    """Where the corners of the pixels lie in a reference system."""
    height, width = grid.shape
    columns, rows = np.meshgrid(np.arange(width + 1), np.arange(height + 1))
    x, y = moved(grid.affine, columns.astype(float), rows.astype(float))
    way = pyproj.Transformer.from_crs(str(grid.crs), crs, always_xy=True)
    return way.transform(x, y)


def within(box, x, y):
    west, south, east, north = box
    return (x > west) & (x < east) & (y > south) & (y < north)


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3035", "EPSG:32633", "EPSG:32634"])
def test_the_box_holds_every_corner_of_every_pixel(name, crs):
    (box,) = boxes_around(GRIDS[name], crs)
    assert within(box, *corners_of(GRIDS[name], crs)).all()


def test_the_box_is_two_pixels_wider_than_the_grid():
    assert boxes_around(GRIDS["north up"], "EPSG:32633") == [
        (499_980, 5_399_580, 500_620, 5_400_020)
    ]


def test_across_the_antimeridian_two_boxes_hold_the_corners_and_no_more():
    boxes = boxes_around(AT_THE_EDGE, "EPSG:4326")
    x, y = corners_of(AT_THE_EDGE, "EPSG:4326")
    held = np.sum([within(box, x, y) for box in boxes], axis=0)
    assert (held == 1).all()
    assert {bool(one) for one in (x > 0).ravel()} == {True, False}
    assert sum(east - west for west, _, east, _ in boxes) < 0.01


def test_around_the_pole_every_longitude_is_held():
    pole = GeoBox((40, 40), Affine(1000, 0, -20_000, 0, -1000, 20_000), "EPSG:3413")
    ((west, south, east, north),) = boxes_around(pole, "EPSG:4326")
    assert (west, east, north) == (-180, 180, 90)
    assert south < corners_of(pole, "EPSG:4326")[1].min()


def test_where_a_system_does_not_reach_there_is_no_box():
    half = "+proj=ortho +lat_0=48 +lon_0=15 +type=crs"
    there = GeoBox((40, 60), Affine(10, 0, 500_000, 0, -10, 5_400_000), "EPSG:32703")
    assert boxes_around(there, half) == []


def test_a_grid_is_what_the_row_of_its_sample_says():
    row = {"height": 40, "width": 60, "affine": list(TURNED[:6]), "crs": "EPSG:32633"}
    assert grid_of(row) == GRIDS["turned"]


def test_a_box_is_told_in_degrees():
    assert told((15.0, 47.5, 16.254, 48)) == "longitude 15.00 to 16.25, latitude 47.50 to 48.00"
    told_again = told((500_000, 0, 500_000, 0), "EPSG:32633")
    assert told_again == "longitude 15.00 to 15.00, latitude 0.00 to 0.00"
    assert told(None, "EPSG:32633") == "places its file does not tell"
