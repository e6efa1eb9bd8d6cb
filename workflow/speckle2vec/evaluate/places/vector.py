"""A GeoPackage, GeoJSON or other vector file of labelled points or polygons."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import pyproj
import shapely

from speckle2vec.errors import UserError
from speckle2vec.evaluate.footprints import DEGREES, FloatArray, on_plane, transformer
from speckle2vec.evaluate.places.shapes import Shapes, areas, joined, points
from speckle2vec.progress import LOGGER
from speckle2vec.readers.vector_errors import UNREADABLE
from speckle2vec.settings.places import PlaceLabels

Columns = dict[str, list[str]]
STEP_DEGREES, STEP_M = 0.05, 5000.0
"""Edges are straight in the file's own system; so long are the pieces that are moved."""
POINT, POLYGON = 0, 3


def read_vector(path: Path, declared: PlaceLabels, name: str) -> tuple[Columns, Shapes]:
    """Labels, ids where there are any, and points or polygons.

    Args:
        path: The file.
        declared: Layer and names of the fields.
        name: Name of the places in the settings.

    Raises:
        UserError: The file, the layer or a field is missing, it has no reference system, or
            holds something else than points and polygons.
    """
    wanted = declared.columns
    fields = [wanted.label, *([wanted.id] if wanted.id else [])]
    layer, system = _layer(path, declared.layer, fields, name)
    try:
        _, _, outlines, columns = pyogrio.raw.read(path, layer=layer, columns=fields)
        shapes = _shapes(path, shapely.force_2d(shapely.from_wkb(outlines)), system)
    except UNREADABLE as error:
        raise _unreadable(path, error) from error
    texts = dict(zip(_order(path, layer, fields), map(_texts, columns), strict=True))
    told = {"label": texts[wanted.label]}
    return told | ({"id": texts[wanted.id]} if wanted.id else {}), shapes


def _layer(path: Path, wanted: str, fields: list[str], name: str) -> tuple[str, str]:
    try:
        layers = [str(row[0]) for row in pyogrio.list_layers(path) if row[1] is not None]
        layer = wanted or (layers[0] if len(layers) == 1 else "")
        if layer not in layers:
            raise _no_layer(path, layers, wanted, name)
        info = pyogrio.read_info(path, layer=layer)
    except UNREADABLE as error:
        raise _unreadable(path, error) from error
    missing = [field for field in fields if field not in info["fields"]]
    if missing:
        raise UserError(
            f"{path}: layer {layer!r} has no field {missing[0]!r}; it has "
            f"{', '.join(map(str, info['fields'])) or 'none'}. Name the fields in "
            f"`places.{name}.columns`."
        )
    if info["crs"] is None:
        raise UserError(
            f"{path}: layer {layer!r} has no coordinate reference system, so nobody knows where "
            "it lies; write one into it, such as `ogr2ogr -a_srs EPSG:4326 new.gpkg old.gpkg`."
        )
    return layer, str(info["crs"])


def _order(path: Path, layer: str, fields: list[str]) -> list[str]:
    """The fields that were asked for, in the order of the file, which they are read in."""
    there = [str(field) for field in pyogrio.read_info(path, layer=layer)["fields"]]
    return [field for field in there if field in fields]


def _texts(column: npt.NDArray[Any]) -> list[str]:
    """Numbers that are whole print as such, whatever the file keeps them as."""
    if column.dtype.kind == "f":
        return ["" if np.isnan(one) else f"{one:.15g}" for one in column]
    return ["" if one is None else str(one) for one in column]


def _shapes(path: Path, found: npt.NDArray[Any], system: str) -> Shapes:
    _check_there(path, found)
    broken = ~shapely.is_valid(found)
    if broken.any():
        LOGGER.warning("%s: repaired %d polygons that cross themselves.", path, broken.sum())
        found = np.where(broken, shapely.make_valid(found), found)
    degrees = pyproj.CRS(system).is_geographic
    found = shapely.segmentize(found, STEP_DEGREES if degrees else STEP_M)
    parts, owners = _parts(found)
    kinds = shapely.get_type_id(parts)
    _check_kinds(path, found, owners[(kinds == POINT) | (kinds == POLYGON)])
    parts = _in_degrees(parts, system)
    _check_finite(path, parts, owners)
    there = parts[kinds == POINT]
    single = points(shapely.get_x(there), shapely.get_y(there), owners[kinds == POINT])
    outlines = shapely.transform(parts[kinds == POLYGON], _flatten)
    return joined(single, areas(outlines, owners[kinds == POLYGON]))


def _parts(found: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Single pieces, also of collections that hold several, and the places they are of."""
    parts, owners = shapely.get_parts(found, return_index=True)
    inner, outer = shapely.get_parts(parts, return_index=True)
    return inner, owners[outer]


def _in_degrees(parts: npt.NDArray[Any], system: str) -> npt.NDArray[Any]:
    """Longitude and latitude; what crosses the antimeridian goes on beyond 180."""
    move = transformer(system, DEGREES)

    def moved(places: FloatArray) -> FloatArray:
        return np.stack(move.transform(places[:, 0], places[:, 1]), axis=-1)

    told = shapely.transform(parts, moved)
    if not pyproj.CRS(system).is_geographic:
        places, owners = shapely.get_coordinates(told, return_index=True)
        jumps = (np.abs(np.diff(places[:, 0])) > 180) & (np.diff(owners) == 0)
        for part in np.unique(owners[1:][jumps]):
            told[part] = shapely.transform(told[part], _unwrapped)
    return told


def _unwrapped(places: FloatArray) -> FloatArray:
    return np.stack([np.unwrap(places[:, 0], period=360), places[:, 1]], axis=-1)


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


def _no_layer(path: Path, layers: Sequence[str], wanted: str, name: str) -> UserError:
    if not layers:
        return UserError(
            f"{path}: has no layer with geometry; correct `places.{name}.path`, or give a .csv "
            "with longitude and latitude."
        )
    problem = f"has no layer {wanted!r}" if wanted else "has several layers"
    return UserError(
        f"{path}: {problem}; set `places.{name}.layer` to one of those with geometry: "
        f"{', '.join(layers)}."
    )


def _unreadable(path: Path, error: Exception) -> UserError:
    return UserError(
        f"{path}: cannot be read as labelled places ({error}); give a .csv, .gpkg or .geojson."
    )
