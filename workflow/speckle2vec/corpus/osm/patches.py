"""Where the samples of a corpus lie, for a file in degrees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from speckle2vec.products.catalogue import accepted, read_catalogue_part
from speckle2vec.products.keys import ShardKey

Geometries = npt.NDArray[np.object_]
_COLUMNS = ("sample_id", "crs", "affine", "height", "width", "longitude", "latitude", "verdict")
_POINTS_A_SIDE = 4
_METRES_A_DEGREE = 111_320.0
_STEPS = np.linspace(0, 1, _POINTS_A_SIDE, endpoint=False)


@dataclass(frozen=True)
class Patches:
    """The accepted samples of a corpus, in the order of the catalogue."""

    sample_ids: tuple[str, ...]
    shards: tuple[str, ...]
    """The shard of each."""
    outlines: Geometries
    """Polygons, degrees (longitude first), of each sample and what is around it."""

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The outlines by place, each prepared to be asked about many features."""
        shapely.prepare(self.outlines)
        return shapely.STRtree(self.outlines)


def read_patches(keys: Sequence[ShardKey], folder: Path, around: float) -> Patches:
    """Where the accepted samples of some shards lie.

    Args:
        keys: The shards of one corpus.
        folder: Where the parts of the catalogue are.
        around: Metres around each sample that belong to its outline.

    Raises:
        UserError: A part of the catalogue is missing or damaged.
    """
    names: list[str] = []
    shards: list[str] = []
    outlines: list[shapely.Geometry] = []
    for key in keys:
        for row in accepted(
            read_catalogue_part(key.part(folder, ".parquet"), key, _COLUMNS)
        ).to_pylist():
            names.append(row["sample_id"])
            shards.append(key.shard)
            outlines.append(outline_of(row, around))
    return Patches(tuple(names), tuple(shards), np.array(outlines, np.object_))


def outline_of(row: Mapping[str, Any], around: float) -> shapely.Geometry:
    """The outline of a sample in degrees; two parts where it crosses the antimeridian.

    Args:
        row: A row of the catalogue.
        around: Metres around the sample that belong to it.
    """
    ring = _ring(row["height"], row["width"], _pixels(row, around))
    a, b, c, d, e, f = row["affine"]
    x, y = a * ring[:, 0] + b * ring[:, 1] + c, d * ring[:, 0] + e * ring[:, 1] + f
    longitude, latitude = to_degrees(row["crs"]).transform(x, y)
    return _unwrapped(np.asarray(longitude), np.asarray(latitude))


@cache
def to_degrees(crs: str) -> pyproj.Transformer:
    """From a reference system to longitude and latitude."""
    return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


def _pixels(row: Mapping[str, Any], around: float) -> float:
    """Metres as pixels of a sample's grid."""
    a, b, _, d, e, _ = row["affine"]
    pixel = min(np.hypot(a, d), np.hypot(b, e))
    if pyproj.CRS(row["crs"]).is_geographic:
        pixel *= _METRES_A_DEGREE * max(np.cos(np.radians(row["latitude"])), 0.01)
    return float(around / pixel)


def _ring(height: int, width: int, around: float) -> npt.NDArray[np.float64]:
    """Column and row along the edge of a grid and what is around it, (point, 2)."""
    left, top, right, bottom = -around, -around, width + around, height + around
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    ahead = np.roll(corners, -1, axis=0) - corners
    points = corners[:, None] + ahead[:, None] * _STEPS[None, :, None]
    return np.asarray(points).reshape(-1, 2)


def _unwrapped(
    longitude: npt.NDArray[np.float64], latitude: npt.NDArray[np.float64]
) -> shapely.Geometry:
    if not (np.isfinite(longitude).all() and np.isfinite(latitude).all()):
        return shapely.Polygon()
    if np.ptp(longitude) < 180:
        return shapely.Polygon(np.column_stack([longitude, latitude]))
    whole = shapely.Polygon(np.column_stack([longitude % 360, latitude]))
    east = shapely.intersection(whole, shapely.box(0, -90, 180, 90))
    west = shapely.intersection(whole, shapely.box(180, -90, 360, 90))
    return shapely.union(east, shapely.transform(west, lambda points: points - (360, 0)))
