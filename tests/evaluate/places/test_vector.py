"""Vector files of labelled places in many systems, against geodesic areas and plain look-ups."""

import json
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.vector import read_vector
from speckle2vec.settings.places import PlaceLabels


@pytest.fixture
def read(tmp_path):
    """What is read of geometries that are written to a GeoPackage."""

    def columns_and_shapes(geometry, crs="EPSG:4326", names=None, **columns):
        columns = columns or {"label": ["a"] * len(geometry)}
        frame = gpd.GeoDataFrame(columns, geometry=list(geometry), crs=crs)
        frame.to_file(tmp_path / "places.gpkg")
        declared = PlaceLabels(path="places.gpkg", columns=names or {})
        return read_vector(tmp_path / "places.gpkg", declared, "mines")

    return columns_and_shapes


def sphere_area(west, south, east, north):
    """Square degrees on the plane."""
    return (east - west) * np.degrees(np.sin(np.radians(north)) - np.sin(np.radians(south)))


@pytest.mark.parametrize(
    ("system", "x", "y"),
    [("EPSG:32660", 690_000, 5_700_000), ("EPSG:3857", 1e6, 6e6), ("EPSG:3035", 4e6, 3e6),
     ("EPSG:3031", 1e6, 1e6), ("EPSG:3832", 3_330_000, 1e6)],
)  # fmt: skip
def test_areas_are_those_of_the_geodesic_also_over_the_antimeridian(read, system, x, y):
    box = shapely.box(x, y, x + 5e4, y + 5e4)
    _, shapes = read([box], system)
    ring = np.array(shapely.segmentize(box, 500).exterior.coords)
    move = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True).transform
    area, _ = pyproj.Geod(ellps="WGS84").polygon_area_perimeter(*move(*ring.T))
    on_sphere = shapes.areas[0] * np.radians(1) ** 2 * 6371.0088e3**2
    assert on_sphere == pytest.approx(abs(area), rel=0.01)


@pytest.mark.parametrize(
    "system", ["EPSG:4326", "EPSG:4258", "EPSG:4267", "EPSG:4272", "EPSG:4284"]
)
def test_a_polygon_in_degrees_over_the_antimeridian_stays_narrow_in_any_datum(read, system):
    _, shapes = read([shapely.box(179, 51, 181, 52)], system)
    assert shapes.areas[0] == pytest.approx(sphere_area(179, 51, 181, 52), rel=1e-3)


@pytest.mark.parametrize("system", ["EPSG:4326", "EPSG:3857"])
def test_a_hole_stays_within_a_polygon_that_goes_around_the_world(read, system):
    rings = [shapely.box(*one).exterior for one in ((-170, -60, 170, 60), (-120, -10, -100, 10))]
    sea = gpd.GeoSeries([shapely.Polygon(rings[0], rings[1:])], crs=4326).to_crs(system)
    _, shapes = read(sea, system)
    assert shapely.is_valid(shapes.outlines).all()
    expected = sphere_area(-170, -60, 170, 60) - sphere_area(-120, -10, -100, 10)
    assert shapes.areas[0] == pytest.approx(expected, rel=1e-6)
    middle = shapely.points([-110, 0], [0, 0])
    assert shapely.contains(shapes.outlines[0], middle).tolist() == [False, True]


@pytest.mark.filterwarnings("ignore:Sub-geometry:RuntimeWarning")
def test_pieces_of_a_place_keep_their_owner_and_points_their_degrees(read):
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    mixed = shapely.GeometryCollection([
        shapely.Point(7, 8, 3), shapely.LineString([(0, 0), (1, 1)]),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 0, 7, 1)]),
    ])  # fmt: skip
    _, shapes = read([shapely.MultiPoint([(1, 2), (3, 4)]), bow, mixed])
    assert np.bincount(shapes.owners).tolist() == [2, 2, 3]
    known = np.isfinite(shapes.longitude)
    places = zip(shapes.owners[known], shapes.longitude[known], shapes.latitude[known], strict=True)
    assert list(places) == [(0, 1, 2), (0, 3, 4), (2, 7, 8)]
    np.testing.assert_allclose(shapes.areas, [0, 2, 3], rtol=2e-3)


@pytest.mark.parametrize("names", [{"label": "b", "id": "a"}, {"label": "a", "id": "b"},
                                   {"label": "c", "id": "c"}])  # fmt: skip
def test_fields_are_told_apart_in_whatever_order_the_file_has_them(read, names):
    fields = {"c": ["c1", "c2"], "a": ["a1", "a2"], "other": [1, 2], "b": ["b1", "b2"]}
    columns, _ = read(shapely.points([[1, 2], [3, 4]]), names=names, **fields)
    assert columns == {name: fields[field] for name, field in names.items()}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([1.0, np.nan, -0.5], ["1", "", "-0.5"]),
        ([2**62 + 1, 7, -3], [str(2**62 + 1), "7", "-3"]),
        (["", None, "x"], ["", "", "x"]),
        (pd.to_datetime(["2020-01-02", None, "2020-01-03"]), ["2020-01-02", "", "2020-01-03"]),
    ],
    ids=["numbers", "large numbers", "texts", "dates"],
)
def test_a_label_is_text_and_a_missing_one_is_empty(read, column, expected):
    columns, _ = read(shapely.points([[1, 2], [3, 4], [5, 6]]), label=column)
    assert [text.partition("T")[0] for text in columns["label"]] == expected


def test_a_file_without_any_geometry_is_not_said_to_have_several_layers(tmp_path):
    pyogrio.write_dataframe(pd.DataFrame({"label": ["a"]}), tmp_path / "bare.gpkg")
    with pytest.raises(UserError) as caught:
        read_vector(tmp_path / "bare.gpkg", PlaceLabels(path="bare.gpkg"), "mines")
    assert "several layers" not in str(caught.value)


def test_of_several_layers_one_has_to_be_named(tmp_path):
    for layer, label in (("pits", "pit"), ("shafts", "shaft")):
        frame = gpd.GeoDataFrame({"label": [label]}, geometry=[shapely.Point(1, 2)], crs=4326)
        frame.to_file(tmp_path / "both.gpkg", layer=layer)
    with pytest.raises(UserError, match=r"has several layers; set `places\.mines\.layer` to one of "
                       "those with geometry: pits, shafts"):  # fmt: skip
        read_vector(tmp_path / "both.gpkg", PlaceLabels(path="both.gpkg"), "mines")
    declared = PlaceLabels(path="both.gpkg", layer="shafts")
    assert read_vector(tmp_path / "both.gpkg", declared, "mines")[0] == {"label": ["shaft"]}


def test_an_empty_piece_of_a_place_ends_no_process(tmp_path):
    """GEOS crashes where it cuts the edges of an empty polygon, so another process reads it."""
    pieces = {"type": "MultiPolygon", "coordinates": [[], [[[0, 0], [1, 0], [1, 1], [0, 0]]]]}
    feature = {"type": "Feature", "properties": {"label": "a"}, "geometry": pieces}
    path = tmp_path / "places.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    code = (
        "from pathlib import Path; import sys\n"
        "from speckle2vec.evaluate.places.vector import read_vector\n"
        "from speckle2vec.settings.places import PlaceLabels\n"
        "read_vector(Path(sys.argv[1]), PlaceLabels(path='places.geojson'), 'mines')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert done.returncode in (0, 1), "a sentence or a place, but no signal"
    assert done.returncode == 0 or "UserError" in done.stderr
