"""Grids of samples, and where they lie in the reference system of a source."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
from affine import Affine
from odc.geo.geobox import GeoBox

FloatArray = npt.NDArray[np.floating[Any]]
Box = tuple[float, float, float, float]
"""West, south, east, north."""
_MARGIN_PIXELS = 2


def grid_of(row: Mapping[str, Any]) -> GeoBox:
    """The grid of a row of the catalogue."""
    return GeoBox((row["height"], row["width"]), Affine(*row["affine"]), row["crs"])


@cache
def transformer(source: str, target: str) -> pyproj.Transformer:
    """From one reference system to another, x (east) first."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def boxes_around(grid: GeoBox, crs: str) -> list[Box]:
    """Boxes in a reference system that hold a grid and two pixels around it.

    None where the grid has no place in that system, two where it crosses the antimeridian.
    """
    (left, bottom, right, top), step = _bounds(grid), _MARGIN_PIXELS * _pixel(grid)
    wide = (left - step, bottom - step, right + step, top + step)
    box = transformer(str(grid.crs), crs).transform_bounds(*wide)
    if not np.isfinite(box).all():
        return []
    west, south, east, north = box
    if west <= east:
        return [box]
    return [(west, south, 180.0, north), (-180.0, south, east, north)]


def told(box: Box | None, crs: str = "EPSG:4326") -> str:
    """Where a box lies, in degrees, for a sentence."""
    if box is None:
        return "places its file does not tell"
    degrees = box if crs == "EPSG:4326" else transformer(crs, "EPSG:4326").transform_bounds(*box)
    west, south, east, north = degrees
    return f"longitude {west:.2f} to {east:.2f}, latitude {south:.2f} to {north:.2f}"


def moved(affine: Affine, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Positions through an affine, such as columns and rows to x and y."""
    a, b, c, d, e, f = affine[:6]
    return a * x + b * y + c, d * x + e * y + f


def _bounds(grid: GeoBox) -> Box:
    height, width = grid.shape
    x, y = moved(grid.affine, np.array([0, width, 0, width]), np.array([0, 0, height, height]))
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _pixel(grid: GeoBox) -> float:
    a, b, _, d, e, _ = grid.affine[:6]
    return float(max(np.hypot(a, d), np.hypot(b, e)))
