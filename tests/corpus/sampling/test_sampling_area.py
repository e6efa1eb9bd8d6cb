"""Places are uniform by area: against areas that geodesics give, not the sampler's projection."""

from itertools import pairwise

import numpy as np
import pyogrio
import pytest
import shapely
from scipy.spatial import cKDTree
from scipy.stats import chisquare
from tests.corpus.sampling.drawing import draw, ellipsoid_area, positions

from speckle2vec.corpus.sampling.pieces import latitude_of, northing_of, part_region

COUNT = 100_000
BANDS = (-60, -40, -30, -20, -10, 0, 10, 20, 30, 40, 50, 55, 60, 65, 70, 75, 84)
EARTH_KM = 6371.0088
PAPER_KM = 18.2
"""Mean distance to the nearest neighbour at 100,000 places (paper, section 4)."""


@pytest.fixture(scope="module")
def boundaries(real):
    return real("boundaries")


@pytest.fixture(scope="module")
def land(boundaries):
    _, _, shapes, _ = pyogrio.raw.read(boundaries / "ne_50m_land.geojson")
    return shapely.from_wkb(shapes)


@pytest.fixture(scope="module")
def band_areas(land):
    bands = [shapely.box(-180, low, 180, high) for low, high in pairwise(BANDS)]
    return np.array([sum(map(ellipsoid_area, shapely.intersection(land, one))) for one in bands])


@pytest.fixture(scope="module")
def world(boundaries, tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    return positions(draw(folder, boundaries / "ne_50m_land.geojson", count=COUNT))


def expected(areas):
    return areas / areas.sum() * COUNT


def test_land_is_as_large_as_known(band_areas):
    assert band_areas.sum() / 1e12 == pytest.approx(134.4, abs=0.5)  # without Antarctica


def test_latitude_bands_hold_places_by_their_area(world, band_areas):
    counts, _ = np.histogram(world[:, 1], BANDS)
    assert counts.sum() == COUNT
    assert chisquare(counts, expected(band_areas)).pvalue > 0.01


def test_the_papers_sampler_fails_the_same_test(boundaries, band_areas, tmp_path):
    path = boundaries / "ne_50m_land.geojson"
    drawn = draw(tmp_path, path, count=COUNT, sampler="latitude", south=-70, north=80)
    latitude = positions(drawn)[:, 1]
    counts, _ = np.histogram(latitude, BANDS)
    shares = expected(band_areas) / COUNT
    assert chisquare(counts, shares * counts.sum()).pvalue < 1e-100
    crowded = (latitude > 70).mean() / shares[-2:].sum()
    assert crowded == pytest.approx(2.4, abs=0.2)  # too many above 70 N


def test_places_lie_on_land_and_not_in_antarctica(world, land):
    whole = shapely.multipolygons(shapely.get_parts(land))
    shapely.prepare(whole)
    assert shapely.contains_xy(whole, *world.T).all()
    assert world[:, 1].min() > -60


def test_the_nearest_neighbour_is_as_far_as_the_paper_prints(world, band_areas):
    east, north = np.radians(world.T)
    flat = np.cos(north)
    points = np.stack([flat * np.cos(east), flat * np.sin(east), np.sin(north)], axis=1)
    chords, _ = cKDTree(points).query(points, k=2)
    mean = (2 * np.arcsin(chords[:, 1] / 2)).mean() * EARTH_KM
    poisson = 0.5 / np.sqrt(COUNT / (band_areas.sum() / 1e6))
    assert poisson == pytest.approx(18.33, abs=0.05)
    assert poisson < mean < 1.03 * poisson  # coasts and islands have neighbours on one side only
    assert mean == pytest.approx(PAPER_KM, rel=0.04)


def test_countries_hold_places_by_their_area(boundaries, tmp_path):
    path, count = boundaries / "ne_110m_admin_0_countries.geojson", 50_000
    _, _, shapes, (names,) = pyogrio.raw.read(path, columns=["ADM0_A3"])
    frame = shapely.box(-180, -60, 180, 84)
    countries = shapely.intersection(shapely.make_valid(shapely.from_wkb(shapes)), frame)
    areas = np.array([ellipsoid_area(one) for one in countries])
    places = shapely.points(positions(draw(tmp_path, path, count=count)))
    _, owners = shapely.STRtree(countries).query(places, predicate="within")
    assert len(owners) == count
    counts, large = np.bincount(owners, minlength=len(names)), areas / areas.sum() * count >= 5
    told = [*counts[large], counts[~large].sum()]
    wanted = np.array([*areas[large], areas[~large].sum()])
    assert chisquare(told, wanted / wanted.sum() * count).pvalue > 0.01


def test_corners_of_one_polygon_are_as_likely_as_its_middle():
    triangle = shapely.Polygon([(0, 50), (40, 50), (0, 80)])
    pieces = part_region(triangle, "area")
    places = next(pieces.places(np.random.default_rng(3)))
    cells = [
        shapely.intersection(triangle, shapely.box(west, south, west + 10, south + 5))
        for west in range(0, 40, 10) for south in range(50, 80, 5)
    ]  # fmt: skip
    cells = [cell for cell in cells if cell.area > 0]
    areas = np.array([ellipsoid_area(cell) for cell in cells])
    counts = [int(shapely.contains_xy(cell, *places.T).sum()) for cell in cells]
    assert chisquare(counts, areas / areas.sum() * sum(counts)).pvalue > 0.01


def test_the_plane_is_equal_in_area_by_the_closed_form():
    latitude = np.linspace(-84, 84, 169)
    eccentricity = np.sqrt(0.00669437999014)
    sine = np.sin(np.radians(latitude))
    inside = np.arctanh(eccentricity * sine) / (2 * eccentricity)
    authalic = sine / (2 * (1 - (eccentricity * sine) ** 2)) + inside
    northing = northing_of(latitude, "area")
    np.testing.assert_allclose(northing / northing[-1], authalic / authalic[-1], rtol=0, atol=1e-8)
    np.testing.assert_allclose(latitude_of(northing, "area"), latitude, atol=2e-7)


def test_however_finely_a_region_is_parted_no_place_is_lost():
    ring = shapely.Point(10, 50).buffer(5, 2000).difference(shapely.Point(10, 50).buffer(4.9, 2000))
    pieces = part_region(ring, "area")
    assert len(pieces.shapes) > 20
    assert sum(shape.area for shape in pieces.shapes) == pytest.approx(ring.area, rel=1e-9)
    places = next(pieces.places(np.random.default_rng(1)))
    assert shapely.contains_xy(ring, *places.T).all()
    assert len(places) > 0.2 * 65_536
