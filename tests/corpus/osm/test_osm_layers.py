"""Features drawn on the grids of samples, against positions that are known."""

import numpy as np
import pyproj
import pytest
import shapely
from scipy import ndimage

from speckle2vec.products.osm_layers import NOTHING, UNCOVERED, open_layers


@pytest.fixture
def drawn(place, extract):
    """Draw what stands in the extract; layers of the first sample by theme, and the classes."""

    def draw(box=(14.5, 47.5, 15.5, 48.5), key=None, position=0, **osm):
        extract.write(place.folder / "tiny.osm.pbf", box)
        key = key or place.write_samples()
        place.extract([key], **osm)
        with open_layers(place.draw(key)) as shard:
            layers = dict(zip(shard.themes, shard.read(position), strict=True))
            return layers, {one.name: one.index for one in shard.classes}

    return draw


def test_a_polygon_covers_the_pixels_whose_centres_it_holds(drawn, extract):
    extract.square(100, 200, 104, landuse="meadow")  # its far edges lie short of the next centres
    extract.square(300, 200, 106, landuse="farmland")
    layers, index = drawn()
    expected = np.full((64, 64), NOTHING, np.uint8)
    expected[20:30, 10:20] = index["meadow"]
    expected[20:31, 30:41] = index["farmland"]
    np.testing.assert_array_equal(layers["agriculture"], expected)
    assert not any(layers[theme].any() for theme in layers if theme != "agriculture")


def test_a_hole_stays_open(drawn, extract):
    outer, inner = extract.square(100, 100, 300), extract.square(200, 200, 100)
    extract.multipolygon(((outer, "outer"), (inner, "inner")), natural="water")
    layers, index = drawn()
    expected = np.zeros((64, 64), np.uint8)
    expected[10:40, 10:40] = index["lake"]
    expected[20:30, 20:30] = NOTHING
    np.testing.assert_array_equal(layers["water"], expected)


@pytest.mark.parametrize(("width", "rows"), [(2, 1), (12, 1), (20, 2), (31, 3)])
def test_lines_are_as_wide_as_their_class(drawn, extract, width, rows):
    y = 105 if rows % 2 else 110
    extract.way((-200, y), (900, y), highway="motorway")
    wide = {"code": 203, "theme": "roads", "tags": ["highway=motorway"], "forms": ["line"],
            "width": width}  # fmt: skip
    layers, index = drawn(classes={"motorway": wide})
    top = (y - rows * 5) // 10
    expected = np.zeros((64, 64), np.uint8)
    expected[top : top + rows] = index["motorway"]
    np.testing.assert_array_equal(layers["roads"], expected)


def test_a_narrow_line_is_one_unbroken_pixel_wide(drawn, extract):
    extract.way((-100, 3), (900, 633), highway="footway")
    roads = drawn()[0]["roads"] > 0
    assert roads.any(axis=0).all()
    assert ndimage.label(roads, np.ones((3, 3)))[1] == 1
    # one a column, and where the line passes within 1 m of another centre that one too
    assert np.count_nonzero(roads) < 64 * 1.2


def test_a_line_beside_a_sample_reaches_in(drawn, extract):
    extract.way((-4, -200), (-4, 900), aeroway="runway")  # 40 m: to 16 m within
    layers, index = drawn()
    expected = np.zeros((64, 64), np.uint8)
    expected[:, :2] = index["runway"]
    np.testing.assert_array_equal(layers["roads"], expected)


def test_points_cover_their_pixel_and_their_width(drawn, extract):
    extract.node(105, 205, power="tower")  # 8 m
    extract.node(305, 205, power="substation")  # 20 m: the centres of the next pixels are 10 m off
    extract.node(505, 205, power="generator", **{"generator:source": "wind"})
    layers, index = drawn()
    assert layers["power"][20, 10] == index["power tower"]
    assert layers["power"][20, 50] == index["wind turbine"]
    assert np.count_nonzero(layers["power"][:, :25]) == 1
    assert layers["power"][20, 30] == index["substation"]


def test_what_stands_earlier_in_the_table_is_on_top(drawn, extract):
    extract.square(100, 100, 300, building="barn")
    extract.square(100, 100, 100, building="house")
    extract.square(200, 100, 300, building="yes")
    layers, index = drawn()
    assert (layers["buildings"][10:20, 10:20] == index["house"]).all()
    assert (layers["buildings"][10:40, 20:40] == index["farm building"]).all()
    assert (layers["buildings"][10:40, 40:50] == index["other building"]).all()


def test_what_is_below_the_ground_is_not_drawn(drawn, extract):
    extract.way((0, 100), (600, 100), highway="motorway", tunnel="yes")
    assert not drawn()[0]["roads"].any()


def test_outside_of_the_extract_is_not_empty(drawn, extract, place):
    there = pyproj.Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True)
    east, south = there.transform(500_000 + 320, 5_320_000 - 320)
    extract.node(50, 50, natural="tree")
    key = place.write_samples(((0, 0), (2000, 0)))
    layers, _ = drawn((14, south, east, 49), key)
    for layer in layers.values():
        assert (layer[:, 32:] == UNCOVERED).all()
        assert (layer[32:] == UNCOVERED).all()
        assert (layer[:31, :31] != UNCOVERED).all()
    with open_layers(place.folder / "osm" / "tiny" / "train-000001.zarr.zip") as shard:
        assert shard.covered.tolist() == [pytest.approx(0.25, abs=0.01), 0]
        assert shard.sample_ids == ("1_0", "1_1")


def test_drawing_twice_gives_the_same_bytes(drawn, extract, place):
    extract.square(100, 100, 300, building="barn")
    drawn()
    files = [path for path in (place.folder / "osm" / "tiny").iterdir() if path.is_file()]
    before = {path.name: path.read_bytes() for path in files}
    drawn()
    assert {path.name: path.read_bytes() for path in files} == before
    assert set(before) == {"features.parquet", "train-000001.zarr.zip"}


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:32634"])
def test_widths_are_metres_on_the_ground_in_any_grid(place, extract, crs, row_of_sample):
    """A line of 40 m, against shapely's buffer in the local zone, on a grid of about 10 m."""
    extract.way(*((x, 400 - x / 50) for x in range(-2000, 3001, 100)), aeroway="runway")
    extract.write(place.folder / "tiny.osm.pbf")
    there = pyproj.Transformer.from_crs("EPSG:32633", crs, always_xy=True)
    west, north = there.transform(500_000, 5_320_000)
    east, _ = there.transform(500_010, 5_320_000)
    pixel = float(np.round(east - west, 7))
    key = place.write_rows([row_of_sample("other", 0, west, north, crs, pixel)])
    place.extract([key])
    with open_layers(place.draw(key)) as shard:
        roads = shard.read(0)[shard.themes.index("roads")] > 0
    columns, rows = np.meshgrid(np.arange(64) + 0.5, np.arange(64) + 0.5)
    back = pyproj.Transformer.from_crs(crs, "EPSG:32633", always_xy=True)
    x, y = back.transform(west + pixel * columns, north - pixel * rows)
    line = shapely.LineString([(498_000, 5_319_560), (503_000, 5_319_660)])
    distance = shapely.distance(shapely.points(x, y), line)
    assert roads[distance < 19.9].all()
    assert not roads[distance > 20.1].any()
    assert roads.any()
