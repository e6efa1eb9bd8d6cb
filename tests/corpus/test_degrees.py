"""Polygons brought to longitude and latitude: at the antimeridian, at the poles, off the Earth."""

import numpy as np
import pyproj
import pytest
import shapely

from speckle2vec.corpus.degrees import to_degrees
from speckle2vec.errors import UserError

GEOD = pyproj.Geod(ellps="WGS84")
ACROSS = shapely.box(179, 51, 181, 52)


def moved(*shapes, crs):
    found = to_degrees(
        np.array(shapes, object), np.arange(1, len(shapes) + 1), crs, "outlines.gpkg"
    )
    assert shapely.is_valid(found).all()
    return found


def sector(start, stop, outer, inner):
    """A piece of a ring around the pole of a polar projection, degrees east and metres."""
    turns = np.radians(np.linspace(start, stop, 300))
    rim = np.stack([np.sin(turns), -np.cos(turns)], axis=1)
    return shapely.Polygon(
        np.concatenate([rim * np.broadcast_to(outer, 300)[:, None], inner * rim[::-1]])
    )


@pytest.mark.parametrize("way", [1, -1])
def test_a_projected_shape_across_the_antimeridian_stays_in_one_piece(way):
    hole = shapely.box(815_000, 8_050_000, 825_000, 8_150_000)
    shape = shapely.difference(shapely.box(700_000, 8_000_000, 900_000, 8_200_000), hole)
    if way < 0:
        shape = shapely.reverse(shape)
    (found,) = moved(shape, crs="EPSG:32760")
    west, _, east, _ = found.bounds
    assert east - west < 2
    assert west < 180 < east or west < -180 < east
    (inner,) = found.interiors
    assert shapely.covers(shapely.Polygon(found.exterior), inner)
    area, _ = GEOD.geometry_area_perimeter(shapely.segmentize(found, 0.001))
    assert abs(area) == pytest.approx(200e3**2 - 10e3 * 100e3, rel=5e-3)  # of the projection


def test_a_hole_of_a_wide_shape_stays_in_it():
    """The shape has most of its vertices at one end, and the hole is at the other."""
    turns = np.linspace(50, 390, 300)
    wide = sector(50, 390, np.where(turns < 120, 9e6, 2e6), 1e6)
    hole = sector(383, 387, 1.8e6, 1.2e6)
    (found,) = moved(shapely.difference(wide, hole), crs="EPSG:3995")
    assert found.bounds[2] - found.bounds[0] == pytest.approx(340, abs=1)


def test_straight_edges_of_a_projection_stay_where_they_are():
    (found,) = moved(shapely.box(2.5e6, 1.5e6, 7e6, 5.4e6), crs="EPSG:3035")
    back = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3035", always_xy=True)
    middles = shapely.get_coordinates(found)
    middles = (middles[1:] + middles[:-1]) / 2
    x, y = back.transform(*middles.T)
    beside = [np.abs(x - 2.5e6), np.abs(x - 7e6), np.abs(y - 1.5e6), np.abs(y - 5.4e6)]
    assert np.min(beside, axis=0).max() < 0.2


def test_edges_in_feet_are_parted_as_finely_as_those_in_metres():
    (found,) = moved(shapely.box(9e5, 1e5, 9e5 + 20_000, 1e5 + 20_000), crs="EPSG:2263")
    x, y = shapely.get_coordinates(found).T
    lengths = GEOD.inv(x[:-1], y[:-1], x[1:], y[1:])[2]
    assert 800 < lengths.max() <= 1001


@pytest.mark.parametrize("crs", ["EPSG:4326", "OGC:CRS84", "EPSG:4258", "EPSG:4269"])
def test_longitudes_may_run_beyond_180_in_any_system_of_degrees(crs):
    (found,) = moved(ACROSS, crs=crs)
    assert found.bounds == pytest.approx(ACROSS.bounds, abs=0.01)


@pytest.mark.parametrize(
    "shape", [shapely.box(-180, -90, 180, -60), shapely.box(-180, -10, 180, 10)]
)
def test_edges_all_around_the_earth_are_meant(shape):
    assert moved(shape, crs="EPSG:4326")[0].equals(shape)


@pytest.mark.parametrize(
    ("shapes", "crs", "sentence"),
    [
        ([ACROSS, shapely.box(-179, 1, 179, 2)], "EPSG:4326",
         "outline number 2 has an edge from longitude .*ogr2ogr -wrapdateline"),
        ([shapely.box(1, 1, 2, 2), shapely.box(4e6, 3e6, 4.1e6, 3.1e6)], "EPSG:4326",
         "outlines.gpkg: outline number 2 lies off the Earth .* read as EPSG:4326"),
        ([shapely.box(1e9, 1e9, 2e9, 2e9)], "EPSG:32633", "number 1 lies off the Earth"),
        ([shapely.box(-1e5, -2e5, 3e5, 1e5)], "EPSG:3995", "number 1 encloses a pole"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(shapes, crs, sentence):
    with pytest.raises(UserError, match=sentence):
        moved(*shapes, crs=crs)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3035"])
def test_no_polygons_are_none(crs):
    assert len(moved(crs=crs)) == 0
