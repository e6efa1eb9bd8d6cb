"""Outlines of samples in degrees, and an order in which near ones stand side by side."""

from collections.abc import Sequence
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

DEGREES = "OGC:CRS84"
WORLD = (-180.0, -90.0, 180.0, 90.0)
Shapes = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]


def outlines(grids: pa.Table) -> Shapes:
    """Polygons of longitude and latitude, (sample); None where a sample has no grid.

    What crosses the antimeridian becomes two polygons that touch it (RFC 7946, section 3.1.9).
    None also where a grid around a pole has no outline in degrees.

    Args:
        grids: Columns `crs`, `affine`, `height` and `width`.
    """
    systems = np.array(grids["crs"].to_pylist(), object)
    affines = grids["affine"].to_pylist()
    told = zip(systems, affines, strict=True)
    known = np.array([bool(name and affine) for name, affine in told], bool)
    shapes = np.full(len(grids), None, object)
    for system in sorted(set(systems[known])):
        rows = np.flatnonzero(known & (systems == system))
        corners = _corners(
            np.array([affines[row] for row in rows], np.float64),
            *(grids[name].to_numpy()[rows].astype(np.float64) for name in ("height", "width")),
        )
        shapes[rows] = _polygons(_in_degrees(corners, system))
    return shapes


def _corners(affines: FloatArray, height: FloatArray, width: FloatArray) -> FloatArray:
    """Corners, anticlockwise from the lower left where rows go down, (sample, 4, 2)."""
    column = np.stack([0 * width, width, width, 0 * width], axis=1)
    row = np.stack([height, height, 0 * height, 0 * height], axis=1)
    a, b, c, d, e, f = (one[:, None] for one in affines.T)
    return np.stack([a * column + b * row + c, d * column + e * row + f], axis=-1)


def _in_degrees(corners: FloatArray, system: str) -> FloatArray:
    """Longitudes go on beyond 180 degrees where an outline crosses the antimeridian."""
    to_degrees = pyproj.Transformer.from_crs(system, DEGREES, always_xy=True)
    longitude, latitude = to_degrees.transform(corners[..., 0], corners[..., 1])
    crosses = np.ptp(longitude, axis=1) > 180
    longitude[crosses] %= 360
    return np.stack([longitude, latitude], axis=-1)


def _polygons(corners: FloatArray) -> Shapes:
    shapes = np.asarray(shapely.polygons(corners), object)
    for at in np.flatnonzero(corners[..., 0].max(axis=1) > 180):
        east = shapely.intersection(shapes[at], shapely.box(-180, -90, 180, 90))
        west = shapely.intersection(shapes[at], shapely.box(180, -90, 540, 90))
        west = shapely.transform(west, lambda xy: xy - [360, 0])
        shapes[at] = _together([east, west])
    return shapes


def _together(sides: Sequence[shapely.Geometry]) -> shapely.Geometry | None:
    """One outline of what lies on both sides; a side that is only touched has none."""
    parts = [part for part in shapely.get_parts(sides) if part.area > 0]
    return shapely.multipolygons(parts) if len(parts) > 1 else next(iter(parts), None)


def hilbert_order(shapes: Shapes) -> npt.NDArray[np.int64]:
    """Rows along the Hilbert curve over the whole Earth; what has no shape comes last.

    A sample's place on the curve does not depend on the others of its corpus.
    """
    known = ~shapely.is_missing(shapes)
    along = np.full(len(shapes), np.iinfo(np.int64).max)
    if known.any():
        series = geopandas.GeoSeries(shapes[known])
        along[known] = series.hilbert_distance(total_bounds=WORLD, level=16)
    return np.argsort(along, kind="stable")
