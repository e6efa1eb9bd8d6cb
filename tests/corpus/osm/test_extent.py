"""Where an extract has data: by its header, its nodes, or an outline of any making."""

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from tests.readers.damaged_layers import write_damaged

from speckle2vec.corpus.osm.extent import extent_of, told
from speckle2vec.corpus.osm.file import Header
from speckle2vec.errors import UserError

BOX = shapely.box(14, 48, 15, 49)
BOW_TIE = shapely.Polygon([(14, 48), (15, 49), (15, 48), (14, 49)])


@pytest.fixture
def outlined(place):
    """The extent by an outline of some geometries."""

    def make(*shapes, crs="EPSG:4326"):
        frame = gpd.GeoDataFrame(geometry=list(shapes), crs=crs)
        frame.to_file(place.folder / "outline.gpkg")
        return extent_of(place.settings(outline="outline.gpkg"), Header("", "", BOX), "not read")

    return make


def test_an_outline_goes_before_the_header_and_the_header_before_the_nodes(
    outlined, place, extract
):
    other = shapely.box(0, 0, 1, 1)
    assert outlined(other).equals(other)
    assert extent_of(place.settings(), Header("", "", BOX), "not read").equals(BOX)
    extract.square(0, 0, 1000)
    path = extract.write(place.folder / "tiny.osm.pbf", box=None)
    found = extent_of(place.settings(), Header("", "", None), path)
    nodes = [one.location for one in extract.nodes]
    west, north = (min(x for x, _ in nodes), max(y for _, y in nodes))
    assert (found.bounds[0], found.bounds[3]) == pytest.approx((west, north), abs=1e-6)


def test_polygons_of_an_outline_are_one_area_and_the_rest_is_left_out(outlined):
    found = outlined(BOX, shapely.box(14.5, 48, 16, 49), None, shapely.Point(50, 50),
                     shapely.LineString([(0, 0), (9, 9)]), shapely.Polygon())  # fmt: skip
    assert found.equals(shapely.box(14, 48, 16, 49))


@pytest.mark.parametrize("others", [[], [shapely.box(14.2, 48.2, 14.8, 48.9)]])
def test_an_outline_that_crosses_itself_is_mended(outlined, others):
    found = outlined(BOW_TIE, *others)
    assert found.is_valid
    whole = shapely.union_all([shapely.make_valid(BOW_TIE), *others])
    assert found.symmetric_difference(whole).area < 1e-9


def test_a_projected_outline_across_the_antimeridian_holds_both_its_sides(outlined):
    """Fiji, in its zone."""
    found = outlined(shapely.box(700_000, 8_000_000, 900_000, 8_200_000), crs="EPSG:32760")
    places = shapely.points([179.5, -179.5, 0.0, 178.0], [-17, -17, -17, -17])
    assert shapely.intersects(found, places).tolist() == [True, True, False, False]


def test_a_table_without_geometry_is_no_outline(place):
    (place.folder / "table.csv").write_text("name,area\nAustria,83879\n")
    pyogrio.write_dataframe(pd.DataFrame({"name": ["Austria"]}), place.folder / "table.gpkg")
    for name in ("table.csv", "table.gpkg"):
        with pytest.raises(UserError, match=name):
            extent_of(place.settings(outline=name), Header("", "", BOX), "not read")


def test_an_outline_that_is_damaged_in_its_middle_is_told(place):
    write_damaged(place.folder / "outline.gpkg", "EPSG:4326", 0.01)
    with pytest.raises(UserError, match=r"outline\.gpkg: cannot be read as a vector file"):
        extent_of(place.settings(outline="outline.gpkg"), Header("", "", BOX), "not read")


def test_an_outline_that_lies_nowhere_is_told(outlined):
    with pytest.raises(UserError, match=r"no coordinate reference system.*-a_srs EPSG:4326"):
        outlined(BOX, crs=None)


def test_a_box_is_told_in_words():
    sentence = "longitude -180.00 to 12.30, latitude -5.00 to 0.00"
    assert told(shapely.box(-179.996, -5, 12.3, 0).bounds) == sentence
