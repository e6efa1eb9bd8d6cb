"""Points and polygons of a vector file, brought to the plane of `footprints`."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from speckle2vec.errors import UserError
from speckle2vec.evaluate.footprints import DEGREES, FloatArray, on_plane, transformer
from speckle2vec.evaluate.places.shapes import Shapes, areas, joined, points
from speckle2vec.progress import LOGGER

STEP_DEGREES, STEP_M = 0.05, 5000.0
"""Edges are straight in the file's own system; so long are the pieces that are moved."""
POINT, POLYGON = 0, 3


def shapes_of(path: Path, found: npt.NDArray[Any], system: str) -> Shapes:
    """Points and polygons on the plane, each with the row that it is of.

    Args:
        path: The file, for sentences.
        found: Geometries, (row).
        system: Their reference system.

    Raises:
        UserError: A row has no geometry, is neither point nor polygon, or lies off the Earth.
    """
    _check_there(path, found)
    broken = ~shapely.is_valid(found)
    if broken.any():
        LOGGER.warning("%s: repaired %d polygons that cross themselves.", path, broken.sum())
        found = np.where(broken, shapely.make_valid(found), found)
    degrees = pyproj.CRS(system).is_geographic
    parts, owners = _parts(found)
    parts = shapely.segmentize(parts, STEP_DEGREES if degrees else STEP_M)
    kinds = shapely.get_type_id(parts)
    _check_kinds(path, found, owners[(kinds == POINT) | (kinds == POLYGON)])
    parts = _in_degrees(parts, system)
    _check_finite(path, parts, owners)
    there = parts[kinds == POINT]
    single = points(shapely.get_x(there), shapely.get_y(there), owners[kinds == POINT])
    outlines = shapely.transform(parts[kinds == POLYGON], _flatten)
    return joined(single, areas(outlines, owners[kinds == POLYGON]))


def _parts(found: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Single pieces, also of collections that hold several, and the places they are of.

    Without empty ones: GEOS ends the process where it cuts the edges of an empty polygon.
    """
    parts, owners = shapely.get_parts(found, return_index=True)
    inner, outer = shapely.get_parts(parts, return_index=True)
    there = ~shapely.is_empty(inner)
    return inner[there], owners[outer][there]


def _in_degrees(parts: npt.NDArray[Any], system: str) -> npt.NDArray[Any]:
    """Longitude and latitude; what crosses the antimeridian goes on beyond 180."""
    move = transformer(system, DEGREES)

    def moved(places: FloatArray) -> FloatArray:
        return np.stack(move.transform(places[:, 0], places[:, 1]), axis=-1)

    told = shapely.transform(parts, moved)
    places, owners = shapely.get_coordinates(told, return_index=True)
    jumps = (np.abs(np.diff(places[:, 0])) > 180) & (np.diff(owners) == 0)
    for part in np.unique(owners[1:][jumps]):
        if shapely.get_type_id(told[part]) == POLYGON:
            told[part] = _unwrapped(told[part])
    return told


def _unwrapped(polygon: shapely.Polygon) -> shapely.Polygon:
    """Each ring by itself: the way from one to the next is no jump. Whole turns are exact."""
    shell, *holes = [
        _continuous(shapely.get_coordinates(one)) for one in shapely.get_rings(polygon)
    ]
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    beside = [hole + (360 * np.round((middle - hole[:, 0].mean()) / 360), 0.0) for hole in holes]
    return shapely.Polygon(shell, beside)


def _continuous(ring: FloatArray) -> FloatArray:
    turns = np.cumsum(np.round(np.diff(ring[:, 0], prepend=ring[0, 0]) / 360))
    return np.stack([ring[:, 0] - 360 * turns, ring[:, 1]], axis=-1)


def _flatten(places: FloatArray) -> FloatArray:
    return np.stack(on_plane(places[:, 0], places[:, 1]), axis=-1)


def _check_there(path: Path, found: npt.NDArray[Any]) -> None:
    nothing = np.flatnonzero(shapely.is_missing(found) | shapely.is_empty(found))
    if len(nothing):
        raise UserError(
            f"{path}: row {nothing[0] + 1} has no geometry, as {len(nothing)} of {len(found)} "
            "places; give each a point or a polygon, or remove it."
        )


def _check_kinds(path: Path, found: npt.NDArray[Any], told: npt.NDArray[np.int64]) -> None:
    other = np.setdiff1d(np.arange(len(found)), told)
    if len(other):
        raise UserError(
            f"{path}: row {other[0] + 1} is a {found[other[0]].geom_type}, as {len(other)} of "
            f"{len(found)} places that are neither points nor polygons; give a polygon around each."
        )


def _check_finite(path: Path, parts: npt.NDArray[Any], owners: npt.NDArray[np.int64]) -> None:
    """What other systems make of their numbers is on Earth, or infinite."""
    bounds = shapely.bounds(parts)
    wrong = ~np.isfinite(bounds).all(axis=1) | (np.abs(bounds[:, 1::2]) > 90).any(axis=1)
    wrong |= (np.abs(bounds[:, ::2]) > 540).any(axis=1)
    if wrong.any():
        raise UserError(
            f"{path}: row {owners[wrong][0] + 1} lies nowhere on Earth by the file's reference "
            "system; longitude and latitude may be swapped, or the system be wrong."
        )
