import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely import affinity

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels import vector as vector_module
from speckle2vec.landcover.labels.classes import OUTSIDE

WEST, NORTH = 500_000, 5_400_000


def square(west, south, side):
    return shapely.box(WEST + west, NORTH + south, WEST + west + side, NORTH + south + side)


def codes_of(image, legend):
    table = np.array([0, *(one.code for one in legend.classes)])
    return table[np.where(image == OUTSIDE, 0, image)]


def test_the_demo_agrees_with_point_in_polygon(land_cover, grids, vector, truth):
    """Another projection bends the edges between two vertices: less than 1 mm here."""
    source, legend = vector(land_cover, level=3)
    frame = gpd.read_file(land_cover)
    wrong = [
        (codes_of(source.read("", grid), legend) != truth(frame, "Code_18", grid)) for grid in grids
    ]
    assert np.sum(wrong) <= 2


def test_pixels_are_told_by_their_centres(write_polygons, vector, grid):
    path = write_polygons([square(100, -200, 104.9), square(300, -200, 106)], ["112", "523"])
    image = vector(path)[0].read("", grid)
    expected = np.full(grid.shape, OUTSIDE, np.uint8)
    expected[10:20, 10:20] = 1  # its edges at 95.1 and 104.9 lie short of the next centres
    expected[9:20, 30:41] = 5
    np.testing.assert_array_equal(image, expected)


def test_nodata_is_not_outside(write_polygons, vector, grid):
    path = write_polygons([square(0, -100, 100), square(100, -100, 100)], ["995", "777"])
    source, legend = vector(path)
    image = source.read("", grid)
    assert (image[:10, :20] == 0).all()
    assert (image[10:] == OUTSIDE).all()
    assert dict(legend.unknown) == {"777": 1}


@pytest.mark.parametrize("bytes_", [2**26, 0])
def test_of_two_that_overlap_the_later_counts(
    write_polygons, vector, grid, monkeypatch, bytes_
):  # fmt: skip
    monkeypatch.setattr(vector_module, "WHOLE_BYTES", bytes_)
    path = write_polygons([square(0, -200, 200), square(0, -200, 100)], ["112", "523"])
    image = vector(path)[0].read("", grid)
    assert (image[10:20, :10] == 5).all()
    assert (image[:10, :20] == 1).all()


def test_reading_by_box_equals_reading_once(land_cover, grids, vector, monkeypatch):
    once, _ = vector(land_cover, level=3)
    monkeypatch.setattr(vector_module, "WHOLE_BYTES", 0)
    by_box, _ = vector(land_cover, level=3)
    for grid in grids:
        np.testing.assert_array_equal(by_box.read("", grid), once.read("", grid))
    assert by_box.about() == once.about()


def test_holes_and_parts(write_polygons, vector, grid):
    ring = square(0, -400, 400).difference(square(100, -300, 200))
    parts = shapely.MultiPolygon([ring, square(150, -250, 100)])
    image = vector(write_polygons([parts], [311]))[0].read("", grid)
    expected = np.full(grid.shape, OUTSIDE, np.uint8)
    expected[0:40, 0:40] = 3
    expected[10:30, 10:30] = OUTSIDE
    expected[15:25, 15:25] = 3
    np.testing.assert_array_equal(image, expected)


@pytest.mark.parametrize("suffix", ["gdb", "gpkg"])
def test_both_formats_and_the_field_in_any_case(write_polygons, vector, grid, suffix):
    path = write_polygons([square(0, -400, 600)], ["231"], f"a.{suffix}", field="CODE_18")
    source, _ = vector(path)
    assert (source.read("", grid)[:40, :60] == 2).all()
    assert source.about()["field"] == "CODE_18"


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=12),
    st.floats(0, 3),
)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_outline_even_a_crossing_one(write_polygons, vector, grid, truth, corners, turn):
    outline = shapely.Polygon([(WEST + 300 + 280 * x, NORTH - 200 + 190 * y) for x, y in corners])
    outline = affinity.rotate(outline, turn)
    if shapely.make_valid(outline, method="structure", keep_collapsed=False).area < 1:
        return
    path = write_polygons([outline], ["523"])
    image = vector(path, level=3)[0].read("", grid)
    mended = shapely.make_valid(outline, method="structure", keep_collapsed=False)
    frame = gpd.GeoDataFrame({"Code_18": [523]}, geometry=[mended], crs="EPSG:32633")
    expected = truth(frame, "Code_18", grid) == 523
    different = np.argwhere((image == 44) != expected)
    centres = [grid.affine @ (column + 0.5, row + 0.5) for row, column in different]
    # what lies on the outline itself may fall to either side
    assert all(mended.boundary.distance(shapely.Point(*centre)) < 1e-6 for centre in centres)
    path.unlink()


def test_crossing_outlines_are_repaired_and_counted(write_polygons, vector, grid, caplog):
    bow = shapely.Polygon(
        [(WEST, NORTH), (WEST + 400, NORTH - 400), (WEST + 400, NORTH), (WEST, NORTH - 400)]
    )
    source, _ = vector(write_polygons([bow, square(450, -100, 50)], ["112", "523"]))
    image = source.read("", grid)
    source.read("", grid)
    assert abs((image == 1).sum() - 800) <= 40
    assert (image[:20, 30:40] == 1).any()
    assert (image[:20, :10] == 1).any()
    assert (image[0, 15:25] == OUTSIDE).all()
    assert source.about()["repaired"] == 1
    with caplog.at_level("INFO"):
        source.tell("Labelling a/b")
    assert "1 polygons of" in caplog.text


def test_a_sample_far_from_any_label(land_cover, vector):
    far = GeoBox((32, 32), Affine(10, 0, 500_000, 0, -10, 8_000_000), "EPSG:32755")
    assert (vector(land_cover)[0].read("", far) == OUTSIDE).all()


def test_labels_across_the_antimeridian(write_polygons, vector):
    west, east = shapely.box(179.9, -1, 180, 1), shapely.box(-180, -1, -179.9, 1)
    path = write_polygons([west, east], ["112", "523"], crs="EPSG:4326")
    zone = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32660", always_xy=True)
    edge = round(zone.transform(180, 0)[0] / 10) * 10
    grid = GeoBox((40, 40), Affine(10, 0, edge - 150, 0, -10, 200), "EPSG:32660")
    image = vector(path)[0].read("", grid)
    assert (image[:, :14] == 1).all()
    assert (image[:, 16:] == 5).all()


def test_a_rotated_grid(write_polygons, vector, truth):
    affine = Affine.translation(WEST, NORTH) @ Affine.rotation(30) @ Affine.scale(10, -10)
    grid = GeoBox((40, 60), affine, "EPSG:32633")
    outline = square(50, -300, 401)
    path = write_polygons([outline], [112])
    frame = gpd.read_file(path)
    expected = truth(frame, "Code_18", grid) == 112
    np.testing.assert_array_equal(vector(path)[0].read("", grid) == 1, expected)


def test_a_layer_is_found_by_its_name(write_polygons, vector, grid):
    path = write_polygons([square(0, -400, 600)], ["112"], layer="other")
    assert vector(path)[0].about()["layer"] == "other"
    gpd.read_file(path).to_file(path, layer="second", mode="a")
    with pytest.raises(UserError, match=r"several layers; set `labels.layer`.*other, second"):
        vector(path)
    with pytest.raises(UserError, match=r"has no layer 'third'.*other, second"):
        vector(path, layer="third")
    assert vector(path, layer="second")[0].about()["layer"] == "second"


def test_a_missing_field_lists_those_there_are(write_polygons, vector):
    path = write_polygons([square(0, -400, 600)], ["112"], field="class")
    with pytest.raises(UserError, match=r"no field 'Code_18'; set `labels.field`.*: class"):
        vector(path)


def test_a_file_without_crs(write_polygons, vector):
    path = write_polygons([square(0, -400, 600)], ["112"], crs=None, name="a.geojson", layer=None)
    path = path.with_suffix(".gpkg")
    gpd.GeoDataFrame({"Code_18": [1]}, geometry=[square(0, -400, 600)]).to_file(path, layer=None)
    with pytest.raises(UserError, match=r"no coordinate reference system.*ogr2ogr -a_srs"):
        vector(path)


def test_points_are_no_polygons(write_polygons, vector):
    path = write_polygons([shapely.Point(WEST, NORTH)], ["112"])
    with pytest.raises(UserError, match="holds Point, not polygons"):
        vector(path)


def test_what_is_no_vector_file(tmp_path, vector):
    (tmp_path / "labels.gpkg").write_text("nothing")
    with pytest.raises(UserError, match="cannot be read as a vector file"):
        vector(tmp_path / "labels.gpkg")
