"""Parts of places on the plane, against areas of the sphere and plain loops over boxes."""

import numpy as np
import pytest
import shapely

from speckle2vec.evaluate.places.shapes import (
    TURNS,
    Box,
    areas,
    boxes,
    joined,
    plane_extent,
    points,
)


def test_areas_are_those_of_the_sphere_and_of_all_parts_of_a_place():
    west, south = np.array([0.0, 5, -20, 175]), np.array([-60.0, 0, 80, -1])
    east, north = np.array([3.0, 7, -10, -175]), np.array([-55.0, 1, 90, 1])
    found = boxes(west, south, east, north)
    turn = np.radians((east - west) % 360)
    steradians = turn * (np.sin(np.radians(north)) - np.sin(np.radians(south)))
    np.testing.assert_allclose(found.areas * np.radians(1) ** 2, steradians, rtol=1e-12)
    together = areas(found.outlines, np.array([1, 0, 1, 1]))
    expected = [steradians[1], steradians[[0, 2, 3]].sum()]
    np.testing.assert_allclose(together.areas * np.radians(1) ** 2, expected, rtol=1e-12)


def test_parts_of_both_kinds_stand_in_the_order_of_their_places():
    owners = np.array([3, 0, 3])
    single = points(np.array([1.0, 2, 3]), np.array([4.0, 5, 6]), owners)
    outlines = shapely.box([10, 20], [0, 0], [11, 21], [1, 1])
    found = joined(single, areas(outlines, np.array([2, 0])))
    assert found.owners.tolist() == [0, 0, 2, 3, 3]
    np.testing.assert_array_equal(found.longitude, [2, np.nan, np.nan, 1, 3])
    np.testing.assert_array_equal(found.latitude, [5, np.nan, np.nan, 4, 6])
    assert shapely.get_x(shapely.centroid(found.outlines)).tolist() == [2, 20.5, 10.5, 1, 3]
    np.testing.assert_allclose(found.areas, [1, 0, 1, 0])


@pytest.mark.parametrize("empty", [0, 1])
def test_one_kind_alone_may_be_missing(empty):
    nothing = np.empty(0)
    pair = [
        points(nothing, nothing, np.empty(0, int)),
        areas(np.empty(0, object), np.empty(0, int)),
    ]
    pair[1 - empty] = boxes(*np.array([[0.0], [0], [2], [1]])) if empty == 0 else points(
        np.array([1.0]), np.array([0.5])
    )  # fmt: skip
    found = joined(*pair)
    assert found.owners.tolist() == [0]
    assert len(found.tree()) == 3
    assert found.extent.meets(Box(0.5, 0, 1.5, 1))


def test_the_tree_finds_what_lies_there_by_any_whole_turn():
    random = np.random.default_rng(0)
    west, south = random.uniform(-180, 180, 40), random.uniform(-80, 70, 40)
    east = (west + random.uniform(1, 30, 40) + 180) % 360 - 180
    found = boxes(west, south, east, south + random.uniform(1, 10, 40))
    asked = shapely.box(140, -40, 230, 40)
    entries = found.tree().query(asked)
    told = {(entry % 40, TURNS[entry // 40]) for entry in entries.tolist()}
    corners = shapely.bounds(found.outlines)
    expected = {
        (part, turn) for part in range(40) for turn in TURNS
        if asked.intersects(shapely.box(*(corners[part] + [turn, 0, turn, 0])))
    }  # fmt: skip
    assert told == expected
    assert {turn for _, turn in told} >= {0, 360}


def test_extents_come_back_in_degrees_also_at_the_poles():
    found = points(np.array([-10.0, 190, 3]), np.array([-90.0, 12.5, 90])).extent
    np.testing.assert_allclose(found, (-10, -90, 190, 90), atol=1e-5)
    np.testing.assert_allclose(plane_extent(np.array([0, -57.5, 1, 57.5])), (0, -90, 1, 90))


@pytest.mark.parametrize(
    ("other", "meet"),
    [(Box(2, 2, 3, 3), True), (Box(1, 1, 1.5, 1.5), True), (Box(-9, -9, 9, 9), True),
     (Box(2.1, 0, 3, 2), False), (Box(0, 2.1, 2, 3), False)],
)  # fmt: skip
def test_boxes_meet_where_they_have_a_place_in_common(other, meet):
    box = Box(0, 0, 2, 2)
    assert (box.meets(other), other.meets(box)) == (meet, meet)
