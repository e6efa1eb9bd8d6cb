"""Which images hold which patches: against arithmetic of longitudes, and edge by edge."""

import numpy as np
import pytest
import shapely
from tests.corpus.search.few_images import image, images_of

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.search.coverage import Hits, Patches, at_points, containing, patches_of

TILE = shapely.box(11, 47, 14, 49)
NOWHERE = np.zeros(0)


def patches_at(boxes, epsg=32633, bounds=(0, 0, 1, 1)):
    """Patches that are boxes in degrees."""
    outlines = np.array([shapely.box(*box) for box in boxes], dtype=object)
    count = len(boxes)
    return Patches(np.arange(count), np.full(count, epsg), outlines, np.full((count, 4), bounds))


def pairs(hits):
    return list(zip(hits.patch.tolist(), hits.image.tolist(), strict=True))


def test_hits_are_those_of_longitudes_around_the_earth():
    random = np.random.default_rng(0)
    west = random.choice([-180.0, -90.0, 170.0], 60) + random.uniform(-15, 15, 60)
    south, width = random.uniform(-10, 10, 60), random.uniform(1, 30, 60)
    images = images_of(
        *(
            image(f"{number:02d}", outline=shapely.box(x, y, x + wide, y + 8))
            for number, (x, y, wide) in enumerate(zip(west, south, width, strict=True))
        )
    )
    left = random.choice([-180.0, -95.0, 179.9], 200) + random.uniform(-0.05, 0.05, 200)
    low = random.uniform(-10, 18, 200)
    patches = patches_at(np.stack([left, low, left + 0.1, low + 0.1], axis=1))
    beyond = (left[:, None] - west) % 360
    inside = beyond + 0.1 <= width
    inside &= (low[:, None] >= south) & (low[:, None] + 0.1 <= south + 8)
    assert 200 < inside.sum() < 5000
    found = containing(patches, images, own_grid=False)
    assert pairs(found) == [tuple(pair) for pair in np.argwhere(inside).tolist()]


@pytest.mark.parametrize("longitude", [-180.0, 0.0, 180.0])
def test_an_image_around_the_earth_holds_each_point_once(longitude):
    belt = images_of(image("belt", outline=shapely.box(-180, 60, 180, 80)))
    assert pairs(at_points(np.array([longitude]), np.array([70.0]), belt)) == [(0, 0)]


def test_a_point_on_an_edge_is_of_both_sides():
    images = images_of(
        image("west", outline=shapely.box(179, 0, 180, 1)),
        image("none"),
        image("east", outline=shapely.box(-180, 0, -179, 1)),
    )
    found = at_points(np.array([-180.0, 179.5, 180.0]), np.full(3, 0.5), images)
    assert pairs(found) == [(0, 0), (0, 2), (1, 0), (2, 0), (2, 2)]
    assert found.of(1).tolist() == [0]
    assert Hits(np.array([0, 2]), np.array([5, 6])).of(1).tolist() == []


def test_every_place_has_a_patch_in_every_zone_over_it():
    images = images_of(
        image("a", epsg=32633, outline=shapely.box(11, 47, 14, 49)),
        image("b", epsg=32632, outline=shapely.box(10, 47, 12.5, 49)),
        image("c", epsg=32633, outline=shapely.box(11, 47, 14, 49)),
    )
    places = np.array([13.0, 5.0, 12.1, 10.5]), np.array([48.0, 48.0, 48.2, 47.5])
    found = patches_of(*places, images, 64)
    zones = list(zip(found.place.tolist(), found.epsg.tolist(), strict=True))
    assert zones == [(0, 32633), (2, 32632), (2, 32633), (3, 32632)]
    for (place, epsg), bounds in zip(zones, found.bounds, strict=True):
        grid = patch_grid(places[0][place], places[1][place], epsg, 64)
        assert tuple(bounds) == tuple(grid.boundingbox.bbox)


def test_an_own_grid_counts_where_it_is_told():
    inner = (100.0, 200.0, 300.0, 400.0)
    told = [(100, 200, 300, 400), (101, 200, 300, 400), (100, 200, 300, 399), (np.nan,) * 4]
    images = images_of(
        *(image(f"{at}", bounds=bounds, outline=TILE) for at, bounds in enumerate(told)),
        image("other zone", epsg=32632, outline=TILE),
        image("no outline", bounds=(0, 0, 999, 999)),
    )
    patches = patches_at([(12, 48, 12.1, 48.1)], bounds=inner)
    assert containing(patches, images, own_grid=True).image.tolist() == [0, 3]
    assert containing(patches, images, own_grid=False).image.tolist() == [0, 1, 2, 3, 4]


def test_a_patch_over_a_hole_of_an_image_is_not_contained():
    holed = shapely.difference(TILE, shapely.box(12, 48, 12.01, 48.01))
    images = images_of(image("holed", outline=holed), image("whole", outline=TILE))
    patches = patches_at([(11.9, 47.9, 12.1, 48.1), (11.5, 47.5, 11.6, 47.6)])
    assert pairs(containing(patches, images, own_grid=False)) == [(0, 1), (1, 0), (1, 1)]


def test_nothing_is_held_where_there_are_no_images_or_no_places():
    one = np.array([12.0]), np.array([48.0])
    for places, images in (
        (one, images_of()),
        (one, images_of(image("no outline"))),
        ((NOWHERE, NOWHERE), images_of(image("a", outline=TILE))),
    ):
        patches = patches_of(*places, images, 64)
        assert patches.bounds.shape == (0, 4)
        found = containing(patches, images, own_grid=True)
        assert pairs(found) == []
        assert found.of(0).tolist() == []
