"""Grids of items: in any order of edges, of the item or its assets, and contradictions."""

import pytest

from speckle2vec.corpus.search.item_grid import PROJECTION, grid_bounds, without_stale_grids

EXTENSION = f"https://stac-extensions.github.io{PROJECTION}v2.0.0/schema.json"
OTHER = "https://stac-extensions.github.io/raster/v2.0.0/schema.json"
BOX = [1000.0, 2000.0, 1400.0, 2600.0]
GRID = {"proj:transform": [10.0, 0.0, 1000.0, 0.0, -10.0, 2600.0], "proj:shape": [60, 40]}


def item(properties, **assets):
    return {"properties": dict(properties), "stac_extensions": [EXTENSION, OTHER],
            "assets": {name: dict(fields) for name, fields in assets.items()}}  # fmt: skip


def told(transform=None, shape=None, box=None):
    fields = {"proj:transform": transform, "proj:shape": shape, "proj:bbox": box}
    return {name: value for name, value in fields.items() if value is not None}


@pytest.mark.parametrize(
    "fields",
    [
        GRID,
        told(box=BOX),
        told(box=[1400, 2600, 1000, 2000]),
        told([10, 0, 1000, 0, 10, 2000], [60, 40]),
        told([-10, 0, 1400, 0, -10, 2600, 0, 0, 1], (60, 40)),
        told([0.1, 10, 0, 10, 0.1, 0], [60, 40], BOX),
        told(["10", 0, 0, 0, 10, 0], [60, 40], BOX),
        told([10, 0, 0, 0, 10], [60, 40], BOX),
    ],
)
def test_the_edges_of_a_grid(fields):
    assert grid_bounds(item(fields), ["a"]) == tuple(BOX)


@pytest.mark.parametrize(
    "fields", [{}, told(GRID["proj:transform"]), told(box=BOX[:3]), told(box="1234")]
)
def test_no_edges_where_none_are_told(fields):
    assert grid_bounds(item(fields, a={}), ["a", "missing"]) is None


def test_the_first_asset_asked_for_that_tells_is_believed():
    found = item({}, scl=told(box=[0, 0, 1, 1]), red={}, green=GRID)
    assert grid_bounds(found, ["red", "green", "scl"]) == tuple(BOX)
    assert grid_bounds(found, ["red"]) is None


@pytest.mark.parametrize(("by", "stale"), [(9.0, False), (10.5, True), (-10.5, True)])
def test_a_grid_more_than_a_pixel_off_is_stale(by, stale):
    fields = {**GRID, "proj:bbox": [BOX[0], BOX[1], BOX[2] + by, BOX[3]], "proj:code": "EPSG:32633"}
    found = without_stale_grids(item(fields, a={"href": "x"}))
    assert ("proj:transform" not in found["properties"]) == stale
    assert found["properties"]["proj:code"] == "EPSG:32633"
    assert found["stac_extensions"] == ([OTHER] if stale else [EXTENSION, OTHER])


def test_only_the_asset_that_contradicts_itself_loses_its_grid():
    stale = {**GRID, "proj:bbox": [0, 0, 400, 600]}
    found = without_stale_grids(item({}, good={**GRID, "proj:bbox": BOX}, bad=stale))
    assert found["assets"]["good"]["proj:shape"] == [60, 40]
    assert found["assets"]["bad"] == {}
    assert found["stac_extensions"] == [OTHER]


def test_a_grid_of_the_item_is_that_of_all_assets():
    assert EXTENSION in without_stale_grids(item(GRID, a={}, b={}))["stac_extensions"]
    half = without_stale_grids(item(told(shape=[60, 40]), a=told(GRID["proj:transform"])))
    assert half["stac_extensions"] == [OTHER]
