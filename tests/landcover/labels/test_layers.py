"""Layers of polygons against the very polygons that were written."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from tests.readers.damaged_layers import write_damaged

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.layers import open_layer, read_polygons
from speckle2vec.settings.labels import Labels


@pytest.fixture
def opened(tmp_path):
    """Write polygons of codes into a layer, and open it."""

    def open_(outlines, codes, labels=None, **options):
        path = tmp_path / "labels.gpkg"
        frame = gpd.GeoDataFrame({"Code_18": codes}, geometry=outlines, crs="EPSG:32633")
        pyogrio.write_dataframe(frame, path, layer="a", geometry_type="Polygon", **options)
        return open_layer(str(path), labels or Labels(source="vector", path="x"))

    return open_


def row_of_squares(count):
    return [shapely.box(place, 0, place + 1, 1) for place in range(count)]


def test_a_box_finds_those_whose_own_boxes_meet_it(opened):
    random = np.random.default_rng(3)
    corners = random.uniform(0, 100, (300, 2))
    sides = random.uniform(0.1, 9, (300, 2))
    outlines = shapely.box(*corners.T, *(corners + sides).T)
    every = read_polygons(opened(outlines, np.arange(300)), None)
    west, south, east, north = 40.0, 30.0, 55.0, 70.0
    (low_x, low_y), (high_x, high_y) = corners.T, (corners + sides).T
    meets = (low_x <= east) & (high_x >= west) & (low_y <= north) & (high_y >= south)
    found = every.touching((west, south, east, north))
    assert found.codes.tolist() == np.flatnonzero(meets).tolist()
    assert 0 < len(found.codes) < 300


def test_reading_by_box_keeps_the_order_of_the_numbers(opened):
    layer = opened(row_of_squares(50)[::-1], np.arange(50))
    found = read_polygons(layer, (9.5, 0, 13.5, 1))
    assert found.codes.tolist() == [36, 37, 38, 39, 40]
    assert found.numbers.tolist() == [37, 38, 39, 40, 41]


def test_rows_without_an_outline_are_no_polygons(opened):
    outlines = [None, shapely.box(0, 0, 1, 1), shapely.Polygon(), None]
    found = read_polygons(opened(outlines, ["1", "2", "3", "4"]), None)
    assert found.codes.tolist() == ["2", "3"]
    assert found.touching((0, 0, 9, 9)).codes.tolist() == ["2"]


def test_a_layer_without_polygons_touches_nothing(opened):
    layer = opened([], pd.Series([], dtype=str))
    assert (layer.polygons, layer.bounds) == (0, None)
    for found in (read_polygons(layer, None), read_polygons(layer, (0, 0, 1, 1))):
        assert len(found.codes) == 0
        assert len(found.touching((0, 0, 1, 1)).outlines) == 0


def test_codes_are_objects_whatever_the_file_stores(opened):
    outlines = row_of_squares(2)
    for codes in ([112, 523], ["112", "523"], [112.0, np.nan]):
        assert read_polygons(opened(outlines, codes), None).codes.dtype == object


def test_a_file_that_is_damaged_in_its_middle_is_a_sentence(tmp_path):
    path = write_damaged(tmp_path / "labels.gpkg", "EPSG:32633", Code_18="112")
    layer = open_layer(str(path), Labels(source="vector", path="x"))
    with pytest.raises(UserError, match=r"layer 'labels' cannot be read .* incomplete or damaged"):
        read_polygons(layer, None)


def test_a_file_without_any_outlines_is_not_said_to_have_several_layers(tmp_path):
    pyogrio.write_dataframe(pd.DataFrame({"Code_18": [1]}), tmp_path / "table.gpkg", layer="only")
    with pytest.raises(UserError) as told:
        open_layer(str(tmp_path / "table.gpkg"), Labels(source="vector", path="x"))
    assert "several" not in str(told.value)
