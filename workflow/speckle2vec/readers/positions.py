"""Grids from what a file says of its position."""

from functools import cache

import numpy as np
import numpy.typing as npt
import pyproj
from affine import Affine
from odc.geo.geobox import GeoBox

PIXEL_M = 10.0
FloatVector = npt.NDArray[np.float64]


def grid_from_axes(x: FloatVector, y: FloatVector, code: object) -> GeoBox | None:
    """The grid of evenly spaced pixel centres; none where they are not, or the CRS is unknown.

    Args:
        x: Centres of the columns, in units of the CRS.
        y: Centres of the rows.
        code: EPSG code.
    """
    x, y = (np.asarray(axis, np.float64) for axis in (x, y))
    if not (_regular(x) and _regular(y)):
        return None
    step_x, step_y = float(x[-1] - x[0]) / (len(x) - 1), float(y[-1] - y[0]) / (len(y) - 1)
    corner_x, corner_y = float(x[0]) - step_x / 2, float(y[0]) - step_y / 2
    affine = Affine(step_x, 0.0, corner_x, 0.0, step_y, corner_y)
    if isinstance(code, float | np.floating) and float(code).is_integer():
        code = int(code)  # whole numbers of which one is missing are stored as fractions
    try:
        return GeoBox((len(y), len(x)), affine, f"EPSG:{code}")
    except pyproj.exceptions.CRSError:
        return None


def _regular(axis: FloatVector) -> bool:
    steps = np.diff(axis)
    if len(steps) == 0 or not np.isfinite(axis).all() or steps[0] == 0:
        return False
    mean = float(axis[-1] - axis[0]) / len(steps)
    return bool(np.abs(steps - mean).max() <= 0.1 * abs(mean))


@cache
def _to_zone(code: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("EPSG:4326", f"EPSG:{code}", always_xy=True)


def grid_around(longitude: float, latitude: float, height: int, width: int) -> GeoBox | None:
    """Pixels of 10 m around a centre, in its UTM zone; none where there is no such place.

    Args:
        longitude: Degrees, WGS 84.
        latitude: Degrees, WGS 84.
        height: Rows.
        width: Columns.
    """
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        return None
    zone = min(int((longitude + 180) // 6) + 1, 60)
    code = (32600 if latitude >= 0 else 32700) + zone
    x, y = _to_zone(code).transform(longitude, latitude)
    west, north = x - PIXEL_M * width / 2, y + PIXEL_M * height / 2
    affine = Affine(PIXEL_M, 0.0, west, 0.0, -PIXEL_M, north)
    return GeoBox((height, width), affine, f"EPSG:{code}")
