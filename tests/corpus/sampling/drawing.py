"""What the tests of sampling share: settings of a corpus to draw, outlines, true areas."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pyproj
import shapely

from speckle2vec.corpus.sampling.draw import draw_places
from speckle2vec.products.places import read_places
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.root import Settings

SEARCH = {"start": "2020-01-01", "end": "2020-12-31"}
SQUARE = shapely.box(9, 49, 10, 50)


def settings_for(outlines, seed=42, places_per_shard=64, **sampling) -> Settings:
    corpus = {
        "source": "stac", "search": SEARCH, "places_per_shard": places_per_shard,
        "sampling": {"outlines": str(outlines), **sampling},
    }  # fmt: skip
    return parse_settings({"seed": seed, "corpora": {"cut": corpus}}, "test")


def draw(folder: Path, outlines, **changes) -> pa.Table:
    """Draw the places of a corpus and read them back."""
    path = folder / "places.parquet"
    draw_places(settings_for(outlines, **changes), "cut", path)
    return read_places(path)


def positions(table: pa.Table) -> np.ndarray:
    return np.stack([table["longitude"].to_numpy(), table["latitude"].to_numpy()], axis=1)


def write_outlines(path: Path, shapes, crs="EPSG:4326", kind="Polygon", **fields) -> Path:
    """A vector file of shapes, in the format of its suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shapes = np.array(shapes, dtype=object)
    values = [np.array(values, dtype=object) for values in fields.values()]
    pyogrio.raw.write(
        path, shapely.to_wkb(shapes), values, list(fields), geometry_type=kind, crs=crs
    )
    return path


def ellipsoid_area(shape) -> float:
    """Square metres of WGS 84 by Karney's geodesics, edges straight in degrees as files mean."""
    geod = pyproj.Geod(ellps="WGS84")
    parts = shapely.get_parts(shapely.segmentize(shape, 0.1))
    return sum(abs(geod.geometry_area_perimeter(part)[0]) for part in parts if part.area > 0)
