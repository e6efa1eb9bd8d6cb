"""What patches and images cover, in degrees, also at the antimeridian and near the poles.

Longitudes of an outline may run on beyond 180 or below -180, so that each is one connected
polygon; what lies near the antimeridian is compared in every turn.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from shapely.errors import ShapelyError

from speckle2vec.corpus.cutting.patch_grid import PIXEL_M

FloatArray = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]
TURN = 360.0
_NEAR = 1.0
"""Degrees from the antimeridian within which a patch may cross it."""


def best_zone(longitude: float, latitude: float) -> int:
    """EPSG code of the UTM zone of a place, with the exceptions of Norway and Svalbard."""
    zone = int((longitude + 180) // 6) % 60 + 1
    if 56 <= latitude < 64 and 3 <= longitude < 12:
        zone = 32
    if 72 <= latitude < 84 and 0 <= longitude < 42:
        zone = 31 + 2 * int((longitude + 3) // 12)
    return (32600 if latitude >= 0 else 32700) + zone


def patch_outlines(
    longitudes: FloatArray, latitudes: FloatArray, epsg: int, size: int
) -> tuple[Shapes, FloatArray]:
    """The squares of `patch_grid` for many places, on one zone.

    Args:
        longitudes: Degrees, WGS 84, (place).
        latitudes: Degrees, WGS 84, (place).
        epsg: Code of the zone.
        size: Side, pixels of 10 m.

    Returns:
        Polygons in degrees, (place); their bounds in metres, (place, 4): west, south, east,
        north.
    """
    x, y = _from_degrees(epsg).transform(longitudes, latitudes)
    half, side = PIXEL_M * size / 2, PIXEL_M * size
    west = np.round((x - half) / PIXEL_M) * PIXEL_M
    north = np.round((y + half) / PIXEL_M) * PIXEL_M
    bounds = np.stack([west, north - side, west + side, north], axis=1)
    corners = bounds[:, [0, 2, 2, 0]].ravel(), bounds[:, [1, 1, 3, 3]].ravel()
    degrees = _from_degrees(epsg).transform(*corners, direction="INVERSE")
    rings = np.stack(degrees, axis=1).reshape(-1, 4, 2)
    rings[..., 0] += TURN * np.round((longitudes[:, None] - rings[..., 0]) / TURN)
    return np.asarray(shapely.polygons(rings), dtype=object), bounds


@cache
def _from_degrees(epsg: int) -> Transformer:
    return Transformer.from_crs(4326, epsg, always_xy=True)


def footprint(geometry: Mapping[str, Any] | None) -> shapely.Geometry | None:
    """What an image covers, one connected outline where archives cut it at the antimeridian.

    Archives write such outlines in three ways: as two polygons that touch 180 and -180, as
    one whose longitudes jump from 180 to -180, and as one that runs on beyond 180. An
    outline around a pole never closes in degrees; it is closed over the pole.

    Args:
        geometry: GeoJSON of an item.

    Returns:
        A polygon or several in degrees; none where there is no valid outline.
    """
    try:
        shape = shapely.geometry.shape(dict(geometry)) if geometry else None
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        return None
    parts = [_unwrapped(part) for part in shapely.get_parts(shape) if not part.is_empty]
    joined = shapely.union_all(_together([shapely.make_valid(part) for part in parts]))
    west, south, east, north = joined.bounds
    sensible = -90 <= south <= north <= 90 and -1.5 * TURN <= west <= east <= 1.5 * TURN
    return joined if sensible and joined.area > 0 else None


def _unwrapped(polygon: shapely.Polygon) -> shapely.Polygon:
    """A polygon whose neighbouring vertices never lie more than half a turn apart."""
    rings = [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
    shell, *holes = [_unwrapped_ring(ring) for ring in rings if len(ring)]
    return shapely.Polygon(shell, holes)


def _unwrapped_ring(ring: FloatArray) -> FloatArray:
    longitudes = np.unwrap(ring[:, 0], period=TURN)
    open_by = longitudes[-1] - longitudes[0]
    ring = np.stack([longitudes, ring[:, 1]], axis=1)
    if abs(open_by) < TURN / 2:
        return ring
    pole = 90.0 if ring[:, 1].mean() > 0 else -90.0
    return np.concatenate([ring, [[ring[-1, 0], pole], [ring[0, 0], pole]]])


def _together(parts: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Parts on both sides of the antimeridian, those of the west moved beside the east."""
    bounds = shapely.bounds(list(parts))
    if bounds[:, 2].max() - bounds[:, 0].min() < TURN / 2:
        return list(parts)
    west = bounds[:, [0, 2]].mean(axis=1) < 0
    moved = [shapely.transform(part, lambda xy: xy + [TURN, 0]) for part in parts]
    return [
        after if is_west else part for part, after, is_west in zip(parts, moved, west, strict=True)
    ]


def in_every_turn(shapes: Shapes) -> tuple[Shapes, npt.NDArray[np.int64]]:
    """Outlines, and copies a turn on and a turn back of those at the antimeridian.

    Returns:
        Outlines; for each of them its position among those given.
    """
    bounds = shapely.bounds(shapes)
    everywhere = np.arange(len(shapes))
    on = everywhere[bounds[:, 0] <= -TURN / 2 + _NEAR]
    back = everywhere[bounds[:, 2] >= TURN / 2 - _NEAR]
    copies = [shapes[everywhere], _moved(shapes[on], TURN), _moved(shapes[back], -TURN)]
    return np.concatenate(copies), np.concatenate([everywhere, on, back])


def _moved(shapes: Shapes, by: float) -> Shapes:
    return np.asarray(shapely.transform(shapes, lambda xy: xy + [by, 0]), dtype=object)
