"""Which features are taken of tiny extracts whose geometry is known."""

import json

import geopandas as gpd
import pyproj
import pytest
import shapely

from speckle2vec.corpus.osm import runs as osm_runs
from speckle2vec.corpus.osm.patches import outline_of
from speckle2vec.corpus.osm.rows import within
from speckle2vec.products.osm_features import read_about


def taken(table):
    """Class, kind and form of each feature."""
    forms = [shapely.from_wkb(one).geom_type for one in table["geometry"]]
    return list(zip(table["class"], table["osm_type"], forms, strict=True))


def one_shard(place, extract, corners=((0, 0),), **osm):
    extract.write(place.folder / "tiny.osm.pbf")
    (table,) = place.extract([place.write_samples(corners)], **osm)
    return table


def test_points_lines_and_areas(place, extract):
    extract.node(100, 100, power="tower", ref="7 Ä")
    extract.node(100, 100, shop="bakery")
    extract.way((50, 50), (500, 60), highway="primary")
    extract.square(200, 200, 100, building="yes")
    extract.square(300, 300, 100, shop="mall")
    table = one_shard(place, extract)
    assert taken(table) == [
        ("power tower", "node", "Point"),
        ("primary road", "way", "LineString"),
        ("other building", "way", "Polygon"),
    ]
    assert table["version"].tolist() == [1, 3, 3]
    assert json.loads(table["tags"][0]) == {"power": "tower", "ref": "7 Ä"}
    assert table["whole"].all()


def test_areas_are_those_of_the_ellipsoid(place, extract):
    extract.square(200, 200, 100, building="yes")
    (geometry,) = one_shard(place, extract)["geometry"]
    area, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(shapely.from_wkb(geometry))
    assert abs(area) == pytest.approx(100**2, rel=2e-3)  # UTM's scale is 0.9996 here


def test_a_multipolygon_keeps_its_hole_and_its_parts(place, extract, in_metres):
    ring = [extract.node(x, y) for x, y in ((50, 50), (350, 50), (350, 350), (50, 350))]
    first = extract.way(*ring[:3])
    second = extract.way(*ring[2:], ring[0])
    hole, other = extract.square(100, 100, 100), extract.square(450, 450, 50)
    parts = (first, "outer"), (second, "outer"), (hole, "inner"), (other, "outer")
    extract.multipolygon(parts, natural="wood")
    table = one_shard(place, extract)
    assert taken(table) == [("forest", "relation", "MultiPolygon")]
    expected = shapely.box(50, 50, 350, 350).difference(shapely.box(100, 100, 200, 200))
    expected = expected.union(shapely.box(450, 450, 500, 500))
    found = in_metres(table["geometry"][0])
    # OpenStreetMap stores positions to 1 cm; the outlines are 1,800 m long
    assert found.symmetric_difference(expected).area < 10
    assert found.area == pytest.approx(300**2 - 100**2 + 50**2, rel=1e-4)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, ("minor road", "LineString")),
        ({"highway": "pedestrian"}, ("pedestrian area", "LineString")),
        ({"highway": "pedestrian", "area": "yes"}, ("pedestrian area", "Polygon")),
        ({"highway": "footway", "area": "no"}, ("path", "LineString")),
        ({"railway": "platform"}, ("platform", "Polygon")),
        ({"railway": "platform", "area": "no"}, ("platform", "LineString")),
        ({"landuse": "meadow"}, ("meadow", "Polygon")),
        ({"landuse": "meadow", "area": "no"}, None),
        ({"waterway": "dam"}, ("dam", "Polygon")),
        ({"natural": "coastline"}, ("coastline", "LineString")),
        ({"building": "no"}, None),
    ],
)
def test_tags_decide_whether_a_closed_way_is_a_line(place, extract, tags, expected):
    extract.square(200, 200, 100, tags=tags)
    found = [(name, form) for name, _, form in taken(one_shard(place, extract))]
    assert found == ([expected] if expected else [])


def test_an_open_way_is_no_area(place, extract):
    extract.way((0, 0), (100, 0), (100, 100), landuse="forest")
    extract.way((0, 0), (100, 0), (100, 100), waterway="dam")
    assert taken(one_shard(place, extract)) == [("dam", "way", "LineString")]


def test_a_feature_is_of_one_class_a_theme(place, extract):
    extract.square(200, 200, 100, building="industrial", power="substation", landuse="industrial")
    extract.square(400, 200, 100, natural="water", water="river")
    extract.square(400, 400, 100, natural="wood", leaf_type="needleleaved")
    names = [name for name, *_ in taken(one_shard(place, extract))]
    assert names == ["industrial building", "substation", "industrial area", "river",
                     "needle-leaved forest"]  # fmt: skip


def test_what_is_below_the_ground_is_marked(place, extract):
    extract.way((0, 0), (500, 0), waterway="stream", tunnel="culvert")
    extract.way((0, 50), (500, 50), highway="primary", tunnel="no")
    extract.way((0, 90), (500, 90), power="cable", location="underground")
    extract.way((0, 99), (500, 99), highway="service", tunnel="building_passage")
    assert one_shard(place, extract)["hidden"].tolist() == [True, False, True, False]


def test_features_are_cut_at_each_sample_and_a_little_around(place, extract, in_metres):
    extract.way((-500, 100), (3000, 100), highway="motorway")
    extract.square(620, 200, 100, landuse="farmland")
    table = one_shard(place, extract, ((0, 0), (640, 0), (5000, 0)), around=30)
    assert table["sample_id"].tolist() == ["1_0", "1_0", "1_1", "1_1"]
    assert table["whole"].tolist() == [False, False, False, True]
    road, field, *_ = (in_metres(one) for one in table["geometry"])
    assert road.length == pytest.approx(640 + 60, abs=1)
    assert field.area == pytest.approx(50 * 100, rel=0.01)


def test_samples_of_two_zones_are_found(place, extract, row_of_sample):
    there = pyproj.Transformer.from_crs("EPSG:32633", "EPSG:32632", always_xy=True)
    west, north = there.transform(500_000, 5_320_000)
    rows = [row_of_sample("far", 0, round(west), round(north), "EPSG:32632"),
            row_of_sample("near", 1, 500_000, 5_320_000)]  # fmt: skip
    extract.square(300, 300, 50, building="yes")
    extract.write(place.folder / "tiny.osm.pbf")
    (table,) = place.extract([place.write_rows(rows)])
    assert table["sample_id"].tolist() == ["far", "near"]
    assert table["geometry"][0] == table["geometry"][1]


def test_what_only_touches_an_outline_is_left_out():
    outline = shapely.box(0, 0, 1, 1)
    shapes = [shapely.box(1, 0, 2, 1), shapely.LineString([(1, 0.5), (2, 0.5)]),
              shapely.LineString([(-1, 0.5), (0.5, 0.5), (0.5, 2), (0.7, 2), (0.7, 0.5)]),
              shapely.Point(0.5, 0.5)]  # fmt: skip
    found = within(gpd.GeoSeries(shapes).to_numpy(), gpd.GeoSeries([outline] * 4).to_numpy())
    assert [one.is_empty for one in found] == [True, True, False, False]
    assert found[2].geom_type == "MultiLineString"
    assert found[2].length == pytest.approx(0.5 + 0.5 + 0.5)


def test_shards_stand_one_after_the_other_whatever_the_runs(place, extract, monkeypatch):
    for number in range(40):
        extract.square(10 + 30 * (number % 20), 100 + 100 * (number // 20), 20, building="yes")
        extract.node(600 - 14 * number, 50, natural="tree")
    extract.write(place.folder / "tiny.osm.pbf")
    keys = [place.write_samples(((0, 0), (300, 0)), "train-000001"),
            place.write_samples(((200, 0),), "val-000001")]  # fmt: skip
    tables = place.extract(keys)
    whole = place.features.read_bytes()
    monkeypatch.setattr(osm_runs, "ROWS_A_RUN", 7)
    monkeypatch.setattr("speckle2vec.corpus.osm.extract.FEATURES_TOGETHER", 5)
    place.extract(keys)
    assert place.features.read_bytes() == whole
    for table, shard in zip(tables, ("train-000001", "val-000001"), strict=True):
        order = [(one.sample_id, one.osm_type, one.osm_id) for one in table.itertuples()]
        assert order == sorted(order)
        assert set(table["shard"]) == {shard}
        assert set(table["osm_type"]) == {"node", "way"}


def test_positions_kept_in_a_file_give_the_same(place, extract):
    for number in range(30):
        extract.square(10 + 20 * number, 100, 15, building="yes")
    one_shard(place, extract)
    before = place.features.read_bytes()
    one_shard(place, extract, index="file")
    assert place.features.read_bytes() == before
    assert [path.name for path in place.features.parent.iterdir()] == ["features.parquet"]


@pytest.mark.parametrize("crs", ["EPSG:32660", "EPSG:32601"])
def test_a_sample_on_the_antimeridian_has_two_parts(crs, row_of_sample):
    there = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = there.transform(180, 65)
    outline = outline_of(row_of_sample("a", 0, x - 320, y + 320, crs), 0)
    assert outline.geom_type == "MultiPolygon"
    west, _, east, _ = outline.bounds
    assert (west, east) == (-180, 180)
    geod = pyproj.Geod(ellps="WGS84")
    area = sum(abs(geod.geometry_area_perimeter(part)[0]) for part in outline.geoms)
    assert area == pytest.approx(640**2, rel=2e-3)
    assert all(part.bounds[2] - part.bounds[0] < 0.01 for part in outline.geoms)


def test_people_can_open_it(place, extract):
    extract.square(200, 200, 100, building="yes")
    one_shard(place, extract)
    frame = gpd.read_parquet(place.features)
    assert frame.crs == "EPSG:4326"
    about = read_about(place.features)
    assert "ODbL" in about["licence"]
    assert shapely.from_wkt(about["extent"]).equals(shapely.box(14.5, 47.5, 15.5, 48.5))
    assert [name for name, _ in about["classes"]][:2] == ["house", "industrial building"]
