"""Equal numbers of places in each level-1 class of CORINE."""

import numpy as np
import pyogrio
import pyproj
import pytest
import rasterio
import shapely
from tests.corpus.sampling.drawing import draw, positions, write_outlines
from tests.readers.damaged_layers import write_damaged

from speckle2vec.corpus.sampling.corine_codes import by_tile, level_1
from speckle2vec.corpus.sampling.corine_points import open_corine
from speckle2vec.errors import UserError
from speckle2vec.settings.archive import CorineStrata

WEST = shapely.box(4_000_000, 3_000_000, 4_040_000, 3_060_000)
EAST = shapely.box(4_040_000, 3_000_000, 4_100_000, 3_060_000)
LAKE = shapely.box(4_050_000, 3_010_000, 4_055_000, 3_015_000)
UNKNOWN = shapely.box(4_090_000, 3_000_000, 4_100_000, 3_060_000)
CODES = (211, 312, 512, 999)
ALL = {"classes": [2, 3, 5]}


@pytest.fixture
def polygons(tmp_path):
    """Fields west, forest east, a lake in the forest, and an edge that nobody mapped."""
    shapes = [WEST, EAST.difference(LAKE).difference(UNKNOWN), LAKE, UNKNOWN]
    return write_outlines(tmp_path / "clc.gpkg", shapes, "EPSG:3035", Code_18=list(map(str, CODES)))


@pytest.fixture
def raster(tmp_path):
    """The same as numbers of the 100 m grid, 1 km pixels."""
    values = np.full((60, 100), 128, np.uint8)
    values[:, :40], values[:, 40:90] = 12, 24
    values[45:50, 50:55] = 41
    path = tmp_path / "clc.tif"
    transform = rasterio.transform.from_origin(4_000_000, 3_060_000, 1000, 1000)
    with rasterio.open(
        path, "w", "GTiff", 100, 60, 1, "EPSG:3035", transform, "uint8", nodata=128
    ) as target:
        target.write(values, 1)
    return path


@pytest.fixture
def outlines(tmp_path):
    wider = shapely.box(3_990_000, 2_990_000, 4_110_000, 3_070_000)
    return write_outlines(tmp_path / "region.gpkg", [wider], "EPSG:3035")


def in_metres(table):
    move = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3035", always_xy=True)
    return np.stack(move.transform(*positions(table).T), axis=1)


@pytest.mark.parametrize("kind", ["polygons", "raster"])
def test_classes_get_equal_numbers_where_their_centres_lie(kind, request, outlines, tmp_path):
    path = request.getfixturevalue(kind)
    codes = "clc" if kind == "polygons" else "clc-grid"
    corine = {"path": str(path), "codes": codes, **ALL}
    table = draw(tmp_path, outlines, count=61, corine=corine)
    strata = table["stratum"].to_pylist()
    assert [strata.count(name) for name in "235"] == [21, 20, 20]
    homes = {"2": WEST, "3": EAST.difference(LAKE).difference(UNKNOWN), "5": LAKE}
    for name, place in zip(strata, in_metres(table), strict=True):
        assert shapely.contains_xy(homes[name], *place)
    more = draw(tmp_path, outlines, count=122, corine=corine)
    assert more.slice(0, 61).equals(table)


def test_polygons_and_raster_give_the_same_places(polygons, raster, outlines, tmp_path):
    of = [
        draw(tmp_path, outlines, count=60, corine={"path": str(path), "codes": codes, **ALL})
        for path, codes in ((polygons, "clc"), (raster, "clc-grid"))
    ]
    assert of[0].equals(of[1])


def test_places_of_classes_keep_their_distance(polygons, outlines, tmp_path):
    corine = {"path": str(polygons), **ALL}
    table = draw(tmp_path, outlines, count=18, corine=corine, minimum_km=1.0)
    metres = in_metres(table)
    apart = np.hypot(*(metres[:, None] - metres[None]).T) + np.eye(18) * 1e9
    assert apart.min() > 980  # EPSG:3035 stretches by less than 2 % here


def test_a_class_that_is_nowhere_is_named(polygons, outlines, tmp_path):
    corine = {"path": str(polygons), "classes": [3, 4]}
    with pytest.raises(UserError, match="none lies in CORINE class 4; leave it out of"):
        draw(tmp_path, outlines, count=2, corine=corine)


def test_codes_at_level_1():
    codes = np.array([0, 111, 142, 211, 244, 335, 423, 511, 523, 990, 995, 999])
    assert level_1(codes, "clc").tolist() == [0, 1, 1, 2, 2, 3, 4, 5, 5, 0, 0, 0]
    numbers = np.array([0, 1, 11, 12, 22, 23, 34, 35, 39, 40, 44, 45, 48])
    assert level_1(numbers, "clc-grid").tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 0, 0]


def test_spots_are_read_by_tile():
    spots = np.array([[0.5, 0.5], [10.2, 0.1], [0.9, 0.1], [-0.1, 0.5]])
    tiles = [sorted(mine.tolist()) for mine in by_tile(spots, 1.0)]
    assert sorted(tiles) == [[0, 2], [1], [3]]
    assert list(by_tile(np.empty((0, 2)), 1.0)) == []


def test_real_polygons_and_their_raster_agree_inside(real):
    folder = real("corine-clc2018-lanjaron")
    _, _, shapes, (codes,) = pyogrio.raw.read(folder / "clc.gpkg", layer="clc", columns=["CODE_18"])
    shapes = shapely.from_wkb(shapes)
    back = pyproj.Transformer.from_crs("EPSG:25830", "EPSG:4326", always_xy=True)
    x, y = np.random.default_rng(0).random((2, 1500))
    west, south, east, north = shapely.total_bounds(shapes)
    spots = np.stack([west + x * (east - west), south + y * (north - south)], axis=1)
    places = np.stack(back.transform(*spots.T), axis=1)
    truth = np.zeros(len(spots), int)
    for shape, code in zip(shapes, codes, strict=True):
        truth[shapely.contains_xy(shape, *spots.T)] = int(code) // 100
    vector = open_corine(
        CorineStrata(path="x", layer="clc", field="code_18"), str(folder / "clc.gpkg")
    )(places)
    np.testing.assert_array_equal(vector, truth)
    raster = open_corine(CorineStrata(path="x"), str(folder / "clc.tif"))(places)
    both = (raster > 0) & (truth > 0)
    assert both.sum() > 500
    assert (raster == truth)[both].mean() > 0.98  # 25 m pixels round the boundaries


def test_only_tiles_with_places_are_read(polygons, monkeypatch):
    boxes, read = [], pyogrio.raw.read

    def counted(*given, bbox, **named):
        boxes.append(bbox)
        return read(*given, bbox=bbox, **named)

    monkeypatch.setattr(pyogrio.raw, "read", counted)
    ask = open_corine(CorineStrata(path="x"), str(polygons))
    move = pyproj.Transformer.from_crs("EPSG:3035", "EPSG:4326", always_xy=True)
    spots = [(4_001_000, 3_001_000), (4_002_000, 3_002_000), (4_052_000, 3_012_000)]
    assert ask(np.array([move.transform(*spot) for spot in spots])).tolist() == [2, 2, 5]
    assert len(boxes) == 2
    assert all(east - west < 25_000 for west, _, east, _ in boxes)


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [("clc.gpkg", {"field": "nix"}, "has no field 'nix'; set `sampling.corine.field` to one of"),
     ("clc.gpkg", {"layer": "nix"}, "set `sampling.corine.layer` to one of clc"),
     ("clc.tif", {"band": 2}, "has 1 bands, so there is no band 2"),
     ("nix.gpkg", {}, "cannot be read as polygons of CORINE"),
     ("nix.tif", {}, "cannot be read as a raster")],
)  # fmt: skip
def test_wrong_files_of_corine_are_told(name, changes, told, polygons, raster, tmp_path):
    with pytest.raises(UserError, match=told):
        open_corine(CorineStrata(path="x", **changes), str(tmp_path / name))


def test_a_field_without_codes_is_told(tmp_path):
    path = write_outlines(tmp_path / "named.gpkg", [WEST], "EPSG:3035", Code_18=["forest"])
    move = pyproj.Transformer.from_crs("EPSG:3035", "EPSG:4326", always_xy=True)
    with pytest.raises(UserError, match="holds no CORINE codes"):
        open_corine(CorineStrata(path="x"), str(path))(
            np.array([move.transform(4_001_000, 3_001_000)])
        )


def test_a_file_that_is_damaged_in_its_middle_is_told(outlines, tmp_path):
    path = write_damaged(tmp_path / "clc.gpkg", "EPSG:3035", 1000.0, Code_18="211")
    classes = open_corine(CorineStrata(path=str(path), codes="clc", layer="clc"), str(path))
    everywhere = np.array([[longitude, 25.0] for longitude in np.linspace(-50, 40, 3000)])
    with pytest.raises(UserError, match=r"clc.gpkg: is damaged .*; fetch it again"):
        classes(everywhere)
