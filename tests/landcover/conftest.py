"""The land cover of the tiny simulated corpus, and catalogues of a few samples on it."""

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely
from affine import Affine
from odc.geo.geobox import GeoBox

from speckle2vec.corpus.simulated.demo import draw_land_cover
from speckle2vec.corpus.simulated.fields import World
from speckle2vec.corpus.simulated.places import draw_place
from speckle2vec.landcover.labels.classes import Legend
from speckle2vec.landcover.labels.raster import open_source as open_raster
from speckle2vec.landcover.labels.vector import open_source as open_vector
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.settings.labels import Labels
from speckle2vec.settings.load import parse_settings

LAYER = "U2018_CLC2018_V2020_20u1"
SEED = 7


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder of simulated corpora that holds the land cover of `tiny`."""
    settings = parse_settings(
        {"seed": SEED, "corpora": {"tiny": {"source": "simulated", "size": "tiny"}}}, "test"
    )
    folder = tmp_path_factory.mktemp("made")
    draw_land_cover(settings, "tiny", folder / "tiny" / "landcover.gpkg")
    return folder


@pytest.fixture(scope="session")
def land_cover(made):
    return made / "tiny" / "landcover.gpkg"


@pytest.fixture(scope="session")
def grids():
    """The grids of a few samples of the tiny corpus, in two UTM zones or one."""
    world = World(SEED, "tiny")
    return [draw_place(world, "train-000001", row).grid for row in range(6)]


@pytest.fixture
def catalogue(tmp_path):
    """Write a part of the catalogue: one accepted sample a grid, one refused at the end."""

    def write(grids, places=None, name="part"):
        places = places or [f"place{row}" for row in range(len(grids))]
        rows = [row_of(*entry) for entry in zip(range(len(grids)), grids, places, strict=True)]
        refused = {**rows[-1], "sample_id": "refused", "verdict": "refused", "reason": "NaN"}
        path = tmp_path / f"{name}.parquet"
        write_catalogue(pa.Table.from_pylist([*rows, refused], schema=SCHEMA), path)
        return path

    return write


def row_of(row, grid, place):
    height, width = grid.shape
    to_degrees = pyproj.Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    a, b, c, d, e, f = grid.affine[:6]
    x, y = a * width / 2 + b * height / 2 + c, d * width / 2 + e * height / 2 + f
    longitude, latitude = to_degrees.transform(x, y)
    return {
        "sample_id": f"s{row}", "corpus": "tiny", "shard": "train-000001", "row": 2 * row,
        "place": place, "longitude": longitude, "latitude": latitude, "crs": str(grid.crs),
        "affine": [float(number) for number in grid.affine[:6]], "height": height, "width": width,
        "dates": [], "valid": 1.0, "block": "0_0", "split": ("train", "test")[row % 2],
        "verdict": "accepted", "reason": "",
    }  # fmt: skip


@pytest.fixture
def vector(tmp_path):
    """Open a vector file with settings; the source and its legend."""

    def open_(path, **values):
        labels = Labels(source="vector", path=str(path), **values)
        legend = Legend(labels)
        return open_vector(labels, {"": str(path)}, legend), legend

    return open_


@pytest.fixture
def raster():
    """Open rasters with settings; the source and its legend."""

    def open_(files, **values):
        files = files if isinstance(files, dict) else {"": str(files)}
        labels = Labels(source="raster", path="given", **values)
        legend = Legend(labels)
        return open_raster(labels, files, legend), legend

    return open_


@pytest.fixture
def write_polygons(tmp_path):
    """Write polygons with codes into a GeoPackage (or another format by suffix)."""

    def write(outlines, codes, name="labels.gpkg", crs="EPSG:32633", layer=LAYER, field="Code_18"):
        path = tmp_path / name
        gpd.GeoDataFrame({field: codes}, geometry=outlines, crs=crs).to_file(path, layer=layer)
        return path

    return write


@pytest.fixture
def grid():
    """40 x 60 pixels of 10 m, from (500000, 5400000) southward."""
    return GeoBox((40, 60), Affine(10, 0, 500_000, 0, -10, 5_400_000), "EPSG:32633")


def codes_by_points(frame, field, grid):
    """Level-3 codes at the pixels' centres, by point in polygon in the file's own CRS."""
    height, width = grid.shape
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    there = pyproj.Transformer.from_crs(str(grid.crs), frame.crs, always_xy=True)
    a, b, c, d, e, f = grid.affine[:6]
    x, y = a * columns + b * rows + c, d * columns + e * rows + f
    x, y = there.transform(x.ravel(), y.ravel())
    tree = shapely.STRtree(shapely.points(x, y))
    polygons, points = tree.query(frame.geometry.values, predicate="intersects")
    codes = np.zeros(len(x), int)
    codes[points] = frame[field].astype(int).to_numpy()[polygons]
    return codes.reshape(height, width)


@pytest.fixture(scope="session")
def truth():
    return codes_by_points
