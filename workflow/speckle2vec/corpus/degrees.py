"""Polygons in longitude and latitude, whatever reference system they come in.

In a file in degrees an edge is the straight line in longitude and latitude (RFC 7946,
section 3.1.1). In a projected file it is the straight line of the projection: such edges
are parted to a kilometre first, which leaves centimetres.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from speckle2vec.corpus.sampling.parts import IntArray, Shapes
from speckle2vec.errors import UserError

EDGE_M = 1000.0
DoubleArray = npt.NDArray[np.float64]
_HALF, _TURN = 180.0, 360.0
_AT_THE_SEAM = 1e-6


def to_degrees(shapes: Shapes, numbers: IntArray, crs: str, path: str) -> Shapes:
    """Bring polygons to WGS 84; longitudes may leave -180 to 180 where a shape does.

    Args:
        shapes: Valid polygons, (polygon).
        numbers: Which feature of the file each is part of, from 1, for a sentence.
        crs: EPSG code or WKT of their reference system.
        path: The file, for a sentence.

    Raises:
        UserError: A shape lies off the Earth, runs across the antimeridian with longitudes
            that jump, or encloses a pole in a projected system.
    """
    system = pyproj.CRS.from_user_input(crs)
    if system.is_projected:
        shapes = shapely.segmentize(shapes, EDGE_M / system.axis_info[0].unit_conversion_factor)
    if not system.equals(pyproj.CRS("EPSG:4326"), ignore_axis_order=True):
        shapes = shapely.transform(shapes, _to_wgs_84(system))
    _check_on_earth(shapes, numbers, crs, path)
    return _whole(shapes, numbers, system.is_projected, path)


def _to_wgs_84(system: pyproj.CRS) -> Callable[[DoubleArray], DoubleArray]:
    """From coordinates to longitude and latitude; longitudes beyond 180 stay beyond it."""
    move = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    degrees = np.degrees(system.axis_info[0].unit_conversion_factor)

    def moved(points: DoubleArray) -> DoubleArray:
        longitude, latitude = move.transform(*points.T)
        if not system.is_projected:
            longitude += _TURN * np.round((points[:, 0] * degrees - longitude) / _TURN)
        return np.stack([longitude, latitude], axis=1)

    return moved


def _check_on_earth(shapes: Shapes, numbers: IntArray, crs: str, path: str) -> None:
    west, south, east, north = shapely.bounds(shapes).T
    off = ~((west >= -3 * _HALF) & (east <= 3 * _HALF) & (south >= -90.001) & (north <= 90.001))
    if off.any():
        raise UserError(
            f"{path}: outline number {numbers[off.argmax()]} lies off the Earth when its numbers "
            f"are read as {crs[:40]}; the file declares the wrong reference system: write the "
            "right one into it, such as `ogr2ogr -a_srs EPSG:3035 new.gpkg old`."
        )


def _whole(shapes: Shapes, numbers: IntArray, projected: bool, path: str) -> Shapes:
    """Shapes whose longitudes do not jump."""
    west, _, east, _ = shapely.bounds(shapes).T
    wide, shapes = east - west > _HALF, shapes.copy()
    for row in np.flatnonzero(wide):
        shapes[row] = _unwrapped(shapes[row], projected, path, int(numbers[row]))
    return shapes


def _unwrapped(part: shapely.Polygon, projected: bool, path: str, number: int) -> shapely.Polygon:
    rings = [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
    jumps = [jump for ring in rings for jump in _jumps(ring, projected)]
    if not jumps:
        return part
    if not projected:
        raise UserError(
            f"{path}: outline number {number} has an edge from longitude {jumps[0][0]:.4f} to "
            f"{jumps[0][1]:.4f}, and nobody can tell which way round the Earth it runs; cut the "
            "outlines at the antimeridian (`ogr2ogr -wrapdateline new.gpkg old`), or let "
            "longitudes run beyond 180."
        )
    shell, *holes = [_continuous(ring) for ring in rings]
    if abs(shell[-1, 0] - shell[0, 0]) > _HALF:
        raise UserError(
            f"{path}: outline number {number} encloses a pole in its projection; give outlines in "
            "longitude and latitude (`ogr2ogr -t_srs EPSG:4326 new.gpkg old`), or leave it out."
        )
    return shapely.Polygon(shell, [_beside(hole, shell) for hole in holes])


def _jumps(ring: DoubleArray, projected: bool) -> Sequence[tuple[float, float]]:
    """Edges of more than half a turn; those along a pole or a full circle are meant."""
    edges = [(a, b) for a, b in pairwise(ring[:, 0].tolist()) if abs(a - b) > _HALF]
    if projected:
        return edges
    return [one for one in edges if min(map(abs, one)) < _HALF - _AT_THE_SEAM]


def _continuous(ring: DoubleArray) -> DoubleArray:
    return np.stack([np.unwrap(ring[:, 0], period=_TURN), ring[:, 1]], axis=1)


def _beside(hole: DoubleArray, shell: DoubleArray) -> DoubleArray:
    """A hole turned into its shell; vertices may be dense anywhere, so that means say nothing."""
    turns = np.ceil((shell[:, 0].min() - hole[:, 0].min() - _AT_THE_SEAM) / _TURN)
    return hole + (turns * _TURN, 0.0)
