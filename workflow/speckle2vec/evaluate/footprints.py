"""Where samples lie: their outlines on a plane, and places on their grids.

The plane has longitude (degrees, unwrapped: it may go on beyond 180) as x and the sine of the
latitude times 180 / pi as y, so that shares of area are right everywhere but at the poles.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

DEGREES = "EPSG:4326"
COLUMNS = ("crs", "affine", "height", "width")
SEGMENTS = 4
"""Pieces of each side of an outline, since sides are bent on the plane."""
MARGIN = 0.02
"""What bent pieces may stick out of a box, as a share of its sides."""
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Footprints:
    """Grids of samples, as arrays with one entry a sample."""

    systems: npt.NDArray[Any]
    """Their reference systems."""
    affines: FloatArray
    """(sample, 6)."""
    shapes: FloatArray
    """Height and width, pixels, (sample, 2)."""
    outlines: npt.NDArray[Any]
    """Polygons on the plane."""

    @property
    def boxes(self) -> npt.NDArray[Any]:
        """Boxes on the plane that hold the outlines."""
        west, south, east, north = shapely.bounds(self.outlines).T
        x, y = MARGIN * (east - west), MARGIN * (north - south)
        return np.asarray(shapely.box(west - x, south - y, east + x, north + y))

    def hold(
        self, samples: IntArray, longitude: FloatArray, latitude: FloatArray
    ) -> npt.NDArray[np.bool_]:
        """Whether each place lies on the grid of the sample beside it.

        The first row and column belong to a grid, what lies behind the last ones does not,
        so that a place on the line between two neighbours lies in one.
        """
        inside = np.zeros(len(samples), bool)
        for system, pairs in _groups(self.systems[samples]):
            rows = samples[pairs]
            x, y = transformer(DEGREES, system).transform(longitude[pairs], latitude[pairs])
            a, b, c, d, e, f = self.affines[rows].T
            if pyproj.CRS(system).is_geographic:
                x = nearest_turn(np.asarray(x), c)
            across, down, area = x - c, y - f, a * e - b * d
            column, row = (e * across - b * down) / area, (a * down - d * across) / area
            height, width = self.shapes[rows].T
            inside[pairs] = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        return inside


def footprints(rows: pa.Table) -> Footprints:
    """The footprints of rows of the catalogue that all have a grid.

    Args:
        rows: `crs`, `affine`, `height` and `width`.
    """
    systems = np.array(rows["crs"].to_pylist(), object)
    affines = np.array(rows["affine"].to_pylist(), np.float64).reshape(-1, 6)
    shapes = np.stack([rows[name].to_numpy() for name in ("height", "width")], axis=1)
    longitude, latitude = _rings(systems, affines, shapes.astype(np.float64))
    longitude = nearest_turn(longitude, longitude[:, :1])
    longitude -= 360 * np.round(longitude.mean(axis=1, keepdims=True) / 360)
    x, y = on_plane(longitude, latitude)
    outlines = np.asarray(shapely.polygons(np.stack([x, y], axis=-1)))
    return Footprints(systems, affines, shapes.astype(np.float64), outlines)


def on_plane(longitude: FloatArray, latitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Places on the equal-area plane (Lambert's cylindrical projection of the sphere)."""
    return longitude, np.degrees(np.sin(np.radians(latitude)))


def nearest_turn(longitude: FloatArray, beside: FloatArray) -> FloatArray:
    """Longitudes, turned by whole circles until they are nearest to others."""
    return np.asarray(longitude + 360 * np.round((beside - longitude) / 360))


@cache
def transformer(source: str, target: str) -> pyproj.Transformer:
    """From one reference system to another, x (east) first."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _rings(
    systems: npt.NDArray[Any], affines: FloatArray, shapes: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Longitude and latitude along the outlines, (sample, vertex)."""
    steps = np.linspace(0, 1, SEGMENTS, endpoint=False)
    zero, one = np.zeros(SEGMENTS), np.ones(SEGMENTS)
    column = shapes[:, 1:] * np.concatenate([steps, one, 1 - steps, zero])
    row = shapes[:, :1] * np.concatenate([zero, steps, one, 1 - steps])
    a, b, c, d, e, f = (affines[:, [number]] for number in range(6))
    x, y = a * column + b * row + c, d * column + e * row + f
    longitude, latitude = np.empty_like(x), np.empty_like(y)
    for system, rows in _groups(systems):
        found = transformer(system, DEGREES).transform(x[rows], y[rows])
        longitude[rows], latitude[rows] = found
    return longitude, latitude


def _groups(systems: npt.NDArray[Any]) -> Iterator[tuple[str, IntArray]]:
    """The entries of each reference system."""
    names, places = np.unique(systems.astype(str), return_inverse=True)
    for number, name in enumerate(names):
        yield str(name), np.flatnonzero(places == number)
