"""Layers of polygons in vector files, read by box with the file's own spatial index."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.grids import Box
from speckle2vec.progress import LOGGER
from speckle2vec.readers.vector_errors import UNREADABLE
from speckle2vec.settings.labels import LAYER, Labels

_AREAS = ("Polygon", "Surface", "Unknown", "Collection")


@dataclass(frozen=True)
class Layer:
    """A layer that was found and checked."""

    path: str
    name: str
    field: str
    """Name of the field that holds the code, as the file spells it."""
    crs: str
    """EPSG code or WKT."""
    polygons: int
    """How many there are; -1 where the file does not tell quickly."""
    bounds: Box | None


@dataclass(frozen=True)
class Polygons:
    """Polygons in the order of their numbers; each member holds one entry a polygon."""

    numbers: npt.NDArray[np.int64]
    codes: npt.NDArray[np.object_]
    outlines: npt.NDArray[np.object_]

    def touching(self, box: Box) -> "Polygons":
        """Those whose bounding boxes meet a box."""
        chosen = np.sort(self._tree.query(shapely.box(*box)))
        return Polygons(self.numbers[chosen], self.codes[chosen], self.outlines[chosen])

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.outlines)


def open_layer(path: str, labels: Labels) -> Layer:
    """Find layer and field of a vector file.

    Raises:
        UserError: The file is no vector file; layer or field is not there (those that are
            are listed); it holds no polygons, or has no coordinate reference system.
    """
    try:
        layers = pyogrio.list_layers(path)
        name = _choose(path, [row[0] for row in layers if row[1] is not None], labels.layer)
        info = pyogrio.read_info(path, layer=name)
    except UNREADABLE as error:
        raise UserError(
            f"{path}: cannot be read as a vector file ({error}); give a .gpkg or .gdb, or set "
            "`labels.source` to raster."
        ) from error
    _check(path, name, info)
    field = _field(path, name, [str(one) for one in info["fields"]], labels.field)
    return Layer(path, name, field, info["crs"], info["features"], info["total_bounds"])


def read_polygons(layer: Layer, box: Box | None) -> Polygons:
    """Polygons of a layer that touch a box, or all of them.

    Raises:
        UserError: The file is damaged.
    """
    try:
        _, numbers, outlines, (codes,) = pyogrio.raw.read(
            layer.path, layer=layer.name, columns=[layer.field], bbox=box, return_fids=True
        )
        polygons = Polygons(numbers, codes.astype(object), shapely.from_wkb(outlines))
    except (*UNREADABLE, ValueError) as error:
        raise UserError(
            f"{layer.path}: layer {layer.name!r} cannot be read ({error}); the file is "
            "incomplete or damaged, fetch it again."
        ) from error
    order = np.argsort(numbers, kind="stable")
    order = order[~shapely.is_missing(polygons.outlines[order])]
    return Polygons(numbers[order], polygons.codes[order], polygons.outlines[order])


def _choose(path: str, layers: Sequence[str], wanted: str) -> str:
    for name in (wanted,) if wanted else (LAYER, *(layers if len(layers) == 1 else ())):
        if name in layers:
            return name
    if not layers:
        raise UserError(
            f"{path}: has no layer with geometry; correct `labels.path`, or set `labels.source` "
            "to raster."
        )
    there = ", ".join(layers)
    problem = f"has no layer {wanted!r}" if wanted else "has several layers"
    raise UserError(
        f"{path}: {problem}; set `labels.layer` to one of those it has with geometry: {there}."
    )


def _check(path: str, name: str, info: dict[str, Any]) -> None:
    kind = info["geometry_type"] or "Unknown"
    if not any(area in kind for area in _AREAS):
        raise UserError(
            f"{path}: layer {name!r} holds {kind}, not polygons; set `labels.layer` to one "
            "that holds polygons."
        )
    if info["crs"] is None:
        raise UserError(
            f"{path}: layer {name!r} has no coordinate reference system, so nobody knows where "
            "it lies; write one into it, such as `ogr2ogr -a_srs EPSG:3035 new.gpkg old.gpkg`."
        )
    if not info["capabilities"]["fast_spatial_filter"]:
        LOGGER.warning(
            "%s: layer %r has no spatial index, so every sample reads all of it; `ogr2ogr "
            "new.gpkg old` writes a copy that has one.", path, name,
        )  # fmt: skip


def _field(path: str, layer: str, fields: Sequence[str], wanted: str) -> str:
    same = [name for name in fields if name.casefold() == wanted.casefold()]
    if not same:
        raise UserError(
            f"{path}: layer {layer!r} has no field {wanted!r}; set `labels.field` to one of "
            f"those it has: {', '.join(fields) or 'none'}."
        )
    return wanted if wanted in same else same[0]
