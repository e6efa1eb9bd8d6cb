"""Grids of samples on the plane, against inverse affines, rasters and geodesic areas."""

import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely
from affine import Affine

from speckle2vec.evaluate.footprints import footprints, nearest_turn, on_plane

UTM = "EPSG:32633"


def rows(*grids):
    """A table of (system, affine, height, width)."""
    return pa.table({
        "crs": pa.array([grid[0] for grid in grids], pa.string()),
        "affine": pa.array([list(grid[1])[:6] for grid in grids], pa.list_(pa.float64())),
        "height": pa.array([grid[2] for grid in grids], pa.int64()),
        "width": pa.array([grid[3] for grid in grids], pa.int64()),
    })  # fmt: skip


def degrees(system, x, y):
    return pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True).transform(x, y)


TURNED = Affine.translation(500_000, 5_500_000) @ Affine.rotation(30) @ Affine.scale(10, -20)


@pytest.mark.parametrize(
    "affine", [Affine(10, 0, 4e5, 0, -10, 5.5e6), Affine(10, 0, 4e5, 0, 10, 5.5e6), TURNED],
    ids=["north up", "south up", "turned"],
)  # fmt: skip
def test_places_lie_on_the_grid_where_the_inverse_affine_says(affine):
    random = np.random.default_rng(0)
    column, row = random.uniform(-40, 140, 400), random.uniform(-30, 90, 400)
    longitude, latitude = degrees(UTM, *(affine @ (column, row)))
    found = footprints(rows((UTM, affine, 60, 100)))
    inside = found.hold(np.zeros(400, int), np.asarray(longitude), np.asarray(latitude))
    expected = (column >= 0) & (column < 100) & (row >= 0) & (row < 60)
    np.testing.assert_array_equal(inside, expected)
    assert 0 < expected.sum() < 400


def test_a_place_between_four_neighbours_lies_in_one():
    """Grids of 0.25 degrees, which are exact."""
    size = 0.25 / 8
    grids = [("EPSG:4326", Affine(size, 0, 10 + 0.25 * x, 0, -size, 50 - 0.25 * y), 8, 8)
             for x in range(2) for y in range(2)]  # fmt: skip
    found = footprints(rows(*grids))
    for longitude, latitude in ((10.25, 49.75), (10.25, 49.9), (10.1, 49.75), (10, 50)):
        inside = found.hold(np.arange(4), np.full(4, longitude), np.full(4, latitude))
        assert inside.sum() == 1


def test_each_place_is_asked_of_the_sample_beside_it_in_its_own_system():
    east = ("EPSG:32633", Affine(10, 0, 3e5, 0, -10, 5.5e6), 50, 50)
    west = ("EPSG:32632", Affine(10, 0, 6e5, 0, -10, 5.5e6), 50, 50)
    found = footprints(rows(east, west))
    one, other = degrees("EPSG:32633", 3e5 + 250, 5.5e6 - 250), degrees("EPSG:32632", 6e5 + 250,
                                                                       5.5e6 - 250)  # fmt: skip
    samples = np.array([0, 1, 1, 0])
    longitude, latitude = np.array([one, other, one, other]).T
    assert found.hold(samples, longitude, latitude).tolist() == [True, True, False, False]


@pytest.mark.parametrize("west", [179.9, -180.1, 539.9])
def test_a_grid_in_degrees_over_the_antimeridian_holds_both_its_sides(west):
    grid = ("EPSG:4326", Affine(0.002, 0, west, 0, -0.002, 10), 100, 100)
    found = footprints(rows(grid))
    longitude = np.array([179.95, -179.95, -179.85, 179.85, 180, -180, 0])
    inside = found.hold(np.zeros(7, int), longitude, np.full(7, 9.9))
    assert inside.tolist() == [True, True, False, False, True, True, False]
    assert shapely.area(found.outlines)[0] < 0.05


@pytest.mark.parametrize("latitude", [-60, 0, 35, 75])
def test_areas_on_the_plane_are_in_proportion_to_those_on_earth(latitude):
    system = f"+proj=laea +lon_0=10 +lat_0={latitude} +datum=WGS84"
    grids = [(system, Affine(100, 0, -5e4, 0, -100, 5e4), 1000, width) for width in (1000, 250)]
    large, small = shapely.area(footprints(rows(*grids)).outlines)
    assert large / small == pytest.approx(4, rel=0.02)
    ring = np.array(shapely.box(-5e4, -5e4, 5e4, 5e4).segmentize(1000).exterior.coords)
    area, _ = pyproj.Geod(ellps="WGS84").polygon_area_perimeter(*degrees(system, *ring.T))
    assert large * np.radians(1) ** 2 * 6371.0088e3**2 == pytest.approx(abs(area), rel=0.01)


@pytest.mark.parametrize(
    ("system", "x", "y"), [(UTM, 4e5, 8.8e6), ("EPSG:32760", 8e5, 8.1e6), ("EPSG:3031", 1e6, 1e6)]
)
def test_boxes_hold_every_place_of_their_grids(system, x, y):
    found = footprints(rows((system, Affine(500, 0, x, 0, -500, y), 100, 100)))
    side = np.linspace(0, 5e4, 60)
    east, south = (one.ravel() for one in np.meshgrid(side, side))
    longitude, latitude = degrees(system, x + east, y - south)
    middle = shapely.get_x(shapely.centroid(found.outlines))[0]
    places = shapely.points(*on_plane(nearest_turn(np.asarray(longitude), middle), latitude))
    assert shapely.covers(found.boxes[0], places).all()


def test_no_sample_has_no_footprint():
    found = footprints(rows())
    assert len(found.outlines) == len(found.boxes) == 0
    assert found.hold(np.empty(0, int), np.empty(0), np.empty(0)).shape == (0,)
