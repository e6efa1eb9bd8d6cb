"""Extracts that are damaged, cut, or of another place."""

import re

import geopandas as gpd
import osmium
import osmium.osm.mutable as mutable
import pytest
import shapely

from speckle2vec.errors import UserError
from speckle2vec.products.osm_features import read_about, read_features


@pytest.fixture
def key(place):
    return place.write_samples()


def fails(place, key, sentence, path="tiny.osm.pbf", **osm):
    with pytest.raises(UserError, match=sentence):
        place.extract([key], path, **osm)
    assert not place.features.exists()
    assert not list(place.folder.glob("osm/tiny/.*"))


def test_no_extract_is_named(place, key):
    fails(place, key, "The settings name no extract of OpenStreetMap; set `osm.path`", path="")


def test_a_missing_file(place, key):
    fails(place, key, r"none.osm.pbf: there is no such file; correct `osm.path`", "none.osm.pbf")


def test_a_url(place, key):
    fails(place, key, "is a URL, but an extract is read twice", "https://example.org/a.osm.pbf")


def test_a_file_that_is_no_pbf(place, key):
    (place.folder / "tiny.osm.pbf").write_text("not a map " * 100)
    fails(place, key, "cannot be read as OpenStreetMap data .* no .osm.pbf: fetch it again")


def test_an_empty_file(place, key):
    (place.folder / "tiny.osm.pbf").write_bytes(b"")
    fails(place, key, "cannot be read as OpenStreetMap data")


def test_another_ending(place, key):
    (place.folder / "map.txt").write_text("not a map")
    fails(place, key, "Could not detect file format", "map.txt")


def test_a_truncated_file(place, key, extract):
    for number in range(2000):
        extract.way((10, 10 + number / 10), (600, 20 + number / 10), highway="track")
    path = extract.write(place.folder / "tiny.osm.pbf")
    path.write_bytes(path.read_bytes()[:-300])
    fails(place, key, r"PBF error.* it is incomplete, damaged or no .osm.pbf")


def test_history_is_refused(place, key):
    path = place.folder / "tiny.osh.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for version in (1, 2):
            writer.add_node(mutable.Node(id=1, version=version, location=(15, 48), visible=True))
    fails(place, key, "holds the history of objects", "tiny.osh.pbf")


def test_an_extract_of_another_place_tells_both(place, key, extract):
    extract.square(200, 200, 100, building="yes")
    extract.write(place.folder / "tiny.osm.pbf", (7.4, 43.7, 7.5, 43.8))
    fails(
        place, key,
        "it lies at longitude 7.40 to 7.50, latitude 43.70 to 43.80, the samples at longitude "
        "15.00 to 15.01, latitude 48.0[23] to 48.03; set `osm.path`",
    )  # fmt: skip


def test_no_box_in_the_header(place, key, extract, in_metres):
    extract.node(-100, 50, power="tower")
    extract.node(500, 700, power="tower")
    extract.write(place.folder / "tiny.osm.pbf", None)
    place.extract([key])
    extent = shapely.from_wkt(read_about(place.features)["extent"])
    assert in_metres(extent).bounds == pytest.approx((-100, 50, 500, 700), abs=0.5)


def test_no_node_at_all(place, key, extract):
    extract.write(place.folder / "tiny.osm.pbf", None)
    fails(place, key, "holds no node")


def test_an_outline_by_file(place, key, extract):
    extract.square(200, 200, 100, building="yes")
    extract.write(place.folder / "tiny.osm.pbf")
    outline = gpd.GeoSeries([shapely.box(14.9, 48, 15.1, 48.1)], crs="EPSG:4326")
    outline.to_crs("EPSG:3035").to_file(place.folder / "outline.gpkg")
    place.extract([key], outline="outline.gpkg")
    extent = shapely.from_wkt(read_about(place.features)["extent"])
    assert extent.bounds == pytest.approx((14.9, 48, 15.1, 48.1), abs=1e-4)
    assert extent.geom_type == "Polygon"


@pytest.mark.parametrize("name", ["none.gpkg", "points.gpkg"])
def test_an_outline_that_is_none(place, key, extract, name):
    extract.write(place.folder / "tiny.osm.pbf")
    points = gpd.GeoSeries([shapely.Point(15, 48)], crs="EPSG:4326")
    points.to_file(place.folder / "points.gpkg")
    fails(place, key, "correct `osm.outline`", outline=name)


def test_broken_rings_are_counted_and_told(place, key, extract, caplog):
    extract.way((10, 10), (110, 110), (110, 10), (10, 110), closed=True, landuse="meadow")
    gap = extract.way((200, 200), (300, 200), (300, 300))
    extract.multipolygon(((gap, "outer"),), landuse="forest")
    extract.multipolygon(((999, "outer"),), natural="water")
    extract.multipolygon(((998, "outer"),), route="bus")
    extract.square(400, 400, 50, building="yes")
    extract.write(place.folder / "tiny.osm.pbf")
    (table,) = place.extract([key])
    assert table["class"].tolist() == ["other building"]
    assert read_about(place.features)["unclosed"] == {
        "way": {"count": 1, "such_as": [1]}, "relation": {"count": 2, "such_as": [1, 2]},
    }  # fmt: skip
    told = "left out 2 multipolygons and 1 closed ways, such as way 1: their rings are broken"
    assert told in caplog.text


def test_lines_are_kept_as_far_as_they_lie_in_the_extract(place, key, extract, in_metres, caplog):
    here = [extract.node(x, 100) for x in (0, 100, 200, 400, 500)]
    extract.way(*here[:3], 900, *here[3:], 901, highway="track")
    extract.way(902, here[0], 903, highway="path")
    extract.square(300, 300, 60, building="yes")
    extract.ways[-1].nodes[1] = 904
    extract.write(place.folder / "tiny.osm.pbf")
    (table,) = place.extract([key])
    assert table["class"].tolist() == ["track"]
    line = in_metres(table["geometry"][0])
    assert [round(part.length) for part in line.geoms] == [200, 100]
    about = read_about(place.features)
    assert (about["cut_lines"], about["lost_lines"]) == (1, 1)
    assert about["unclosed"]["way"]["such_as"] == [3]
    assert "of 1 lines only parts lie in the extract, of 1 nothing" in caplog.text


def test_a_catalogue_without_samples(place, extract, row_of_sample):
    extract.write(place.folder / "tiny.osm.pbf")
    row = {**row_of_sample("0", 0, 5e5, 5e6), "verdict": "refused", "reason": "NaN"}
    with pytest.raises(UserError, match="The corpus has no accepted sample"):
        place.extract([place.write_rows([row])])


def test_damaged_features_are_told(place):
    path = place.folder / "features.parquet"
    for read in (read_about, lambda path: read_features(path, "train-000001")):
        path.write_bytes(b"PAR1")
        with pytest.raises(UserError, match=re.escape("is missing, damaged or no table of feat")):
            read(path)
