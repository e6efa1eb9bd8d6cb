"""Outlines that places are drawn in: polygons of any vector file, read, checked, repaired."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from speckle2vec.corpus.degrees import to_degrees
from speckle2vec.corpus.sampling.parts import Shapes, polygons_of
from speckle2vec.errors import UserError
from speckle2vec.progress import LOGGER
from speckle2vec.readers.vector_errors import UNREADABLE

_AREAS = ("Polygon", "Surface", "Unknown", "Collection")


@dataclass(frozen=True)
class Outlines:
    """Valid polygons in longitude and latitude, edges straight there."""

    shapes: Shapes
    """Single polygons, (polygon)."""
    fields: dict[str, Shapes]
    """Values of the fields that were asked for, (polygon) each."""
    repaired: int
    """How many features crossed themselves or were invalid in another way, and were repaired."""
    sha256: str
    """Digest of the shapes as the file holds them."""


def read_outlines(path: str, layer: str, fields: Sequence[str]) -> Outlines:
    """Read the polygons of a file.

    Shapes that are invalid, such as those that cross themselves, are repaired and counted.

    Args:
        path: File or URL in any format that pyogrio reads.
        layer: Its layer; empty: the only one that holds areas.
        fields: Fields to read along; upper and lower case are alike.

    Raises:
        UserError: It cannot be read, has no such layer or field, no polygon, no coordinate
            reference system, or a shape that runs across the antimeridian or a pole.
    """
    try:
        name = _choose(path, pyogrio.list_layers(path), layer)
        info = pyogrio.read_info(path, layer=name)
        spelled = [_field(path, name, list(info["fields"]), field) for field in fields]
        _, _, raw, values = pyogrio.raw.read(path, layer=name, columns=list(set(spelled)))
        types = dict(zip(info["fields"], info["dtypes"], strict=True))
        named = zip(_ordered(info, spelled), values, strict=True)
        table = {field: _as_declared(column, str(types[field])) for field, column in named}
    except UNREADABLE as error:
        raise UserError(
            f"{path}: cannot be read as outlines ({error}); set `sampling.outlines` to a vector "
            "file, such as Natural Earth's countries (.geojson, .gpkg, .shp)."
        ) from error
    if info["crs"] is None:
        raise UserError(
            f"{path}: layer {name!r} has no coordinate reference system, so nobody knows where it "
            "lies; write one into it, such as `ogr2ogr -a_srs EPSG:4326 new.gpkg old`."
        )
    shapes, kept = _areas(path, name, raw)
    valid, repaired = _valid(path, shapes)
    polygons, owners = polygons_of(valid)
    if not len(polygons):
        raise _no_polygons(path, name)
    rows = np.flatnonzero(kept)[owners]
    columns = {field: table[name][rows] for field, name in zip(fields, spelled, strict=True)}
    degrees = to_degrees(polygons, rows + 1, info["crs"], path)
    return Outlines(degrees, columns, repaired, _digest(raw))


def _ordered(info: dict[str, Any], wanted: Sequence[str]) -> list[str]:
    """Fields come back in the order of the file, whatever was asked for."""
    return [name for name in info["fields"] if name in wanted]


def _as_declared(values: npt.NDArray[Any], declared: str) -> Shapes:
    """Values as objects; whole numbers come as floats where one of them is missing."""
    if "int" in declared and values.dtype.kind == "f":
        return np.array([None if np.isnan(one) else int(one) for one in values], dtype=object)
    return np.asarray(values.astype(object))


def _choose(path: str, layers: npt.NDArray[Any], wanted: str) -> str:
    areas = [name for name, kind in layers if kind and any(one in kind for one in _AREAS)]
    if wanted in areas or (not wanted and len(areas) == 1):
        return str(wanted or areas[0])
    there = ", ".join(areas)
    if not there:
        raise UserError(
            f"{path}: holds no polygons, so there is nothing to draw places in; set "
            "`sampling.outlines` to a file of polygons."
        )
    problem = f"has no layer {wanted!r} of polygons" if wanted else "has several layers"
    raise UserError(f"{path}: {problem}; set `sampling.layer` to one of {there}.")


def _field(path: str, layer: str, fields: Sequence[str], wanted: str) -> str:
    same = [name for name in fields if name.casefold() == wanted.casefold()]
    if not same:
        raise UserError(
            f"{path}: layer {layer!r} has no field {wanted!r}; it has {', '.join(fields) or 'none'}"
            ". Correct `sampling.stratum` or `sampling.region` (`eu27+gb` needs ADM0_A3)."
        )
    return wanted if wanted in same else same[0]


def _areas(path: str, layer: str, raw: Shapes) -> tuple[Shapes, npt.NDArray[np.bool_]]:
    """Features that are areas, and which of all features those are."""
    try:
        shapes = np.asarray(shapely.force_2d(shapely.from_wkb(raw)), dtype=object)
    except shapely.errors.GEOSException as error:
        raise UserError(f"{path}: is damaged ({error}); fetch it again.") from error
    kept = (shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes)
    if not kept.any():
        raise _no_polygons(path, layer)
    return shapes[kept], kept


def _no_polygons(path: str, layer: str) -> UserError:
    return UserError(
        f"{path}: layer {layer!r} holds no polygons, so there is nothing to draw places in; "
        "set `sampling.outlines` to a file of polygons."
    )


def _valid(path: str, shapes: Shapes) -> tuple[Shapes, int]:
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        reason = shapely.is_valid_reason(shapes[broken][0])
        mended = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
        shapes = shapes.copy()
        shapes[broken] = mended
        LOGGER.info(
            "%s: %d of %d outlines are invalid, such as number %d (%s); they were repaired.",
            path, broken.sum(), len(broken), broken.argmax() + 1, reason,
        )  # fmt: skip
    return shapes, int(broken.sum())


def _digest(raw: Shapes) -> str:
    digest = hashlib.sha256()
    for shape in raw:
        digest.update(shape or b"")
    return digest.hexdigest()
