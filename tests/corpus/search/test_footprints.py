"""Patches and outlines at zone edges, the antimeridian and the poles."""

import math

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.search.footprints import best_zone, footprint, in_every_turn, patch_outlines


@pytest.mark.parametrize(
    ("longitude", "latitude", "zone"),
    [(11.9, 48, 32632), (12.1, 48, 32633), (12.1, -48, 32733), (-180, 10, 32601), (180, 10, 32601),
     (179.9, -10, 32760), (5, 60, 32632), (8, 78, 32631), (10, 78, 32633), (35, 80, 32637)],
)  # fmt: skip
def test_the_zone_of_a_place(longitude, latitude, zone):
    assert best_zone(longitude, latitude) == zone


@pytest.mark.parametrize("place", [(12.0, 48.0), (179.995, 10.0), (-179.995, 10.0), (20.0, 83.5)])
def test_outlines_are_those_of_the_grid(place):
    epsg = best_zone(*place)
    (outline,), (bounds,) = patch_outlines(np.array([place[0]]), np.array([place[1]]), epsg, 264)
    grid = patch_grid(*place, epsg, 264)
    assert tuple(bounds) == tuple(grid.boundingbox.bbox)
    assert all(edge % 10 == 0 for edge in bounds)
    to_zone = Transformer.from_crs(4326, epsg, always_xy=True)
    corners = [to_zone.transform(*corner) for corner in outline.exterior.coords]
    for x, y in corners:
        assert min(abs(x - bounds[0]), abs(x - bounds[2])) < 1e-3
        assert min(abs(y - bounds[1]), abs(y - bounds[3])) < 1e-3
    assert shapely.intersects(outline, shapely.Point(place))
    assert outline.bounds[2] - outline.bounds[0] < 1


SPLIT = {"type": "MultiPolygon", "coordinates": [
    [[[179, 10], [180, 10], [180, 11], [179, 11], [179, 10]]],
    [[[-180, 10], [-179, 10], [-179, 11], [-180, 11], [-180, 10]]]]}  # fmt: skip
JUMPING = {"type": "Polygon",
           "coordinates": [[[179, 10], [-179, 10], [-179, 11], [179, 11], [179, 10]]]}  # fmt: skip
BEYOND = {"type": "Polygon",
          "coordinates": [[[179, 10], [181, 10], [181, 11], [179, 11], [179, 10]]]}  # fmt: skip


@pytest.mark.parametrize("geometry", [SPLIT, JUMPING, BEYOND])
def test_an_outline_across_the_antimeridian_is_one(geometry):
    found = footprint(geometry)
    assert found.geom_type == "Polygon"
    assert found.equals(shapely.box(179, 10, 181, 11))
    copies, origin = in_every_turn(np.array([found], dtype=object))
    assert sorted(copy.bounds[0] for copy in copies) == [-181, 179]
    assert set(origin) == {0}


def test_an_outline_around_a_pole_holds_the_pole():
    ring = [[longitude, 82] for longitude in (0, 90, 180, -90, 0)]
    found = footprint({"type": "Polygon", "coordinates": [ring]})
    assert shapely.covers(found, shapely.Point(200, 89))
    assert not shapely.covers(found, shapely.Point(200, 81))


@pytest.mark.parametrize(
    "geometry",
    [None, {}, {"type": "Point", "coordinates": [1, 2]}, {"type": "Polygon", "coordinates": []},
     {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, {"type": "Nothing"},
     {"type": "Polygon", "coordinates": [[[4e5, 5e6], [5e5, 5e6], [5e5, 6e6], [4e5, 5e6]]]}],
)  # fmt: skip
def test_what_is_no_outline(geometry):
    assert footprint(geometry) is None


def test_a_bow_tie_is_mended():
    ring = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    found = footprint({"type": "Polygon", "coordinates": [ring]})
    assert found.is_valid
    assert math.isclose(found.area, 0.5)
