"""A GeoPackage, GeoJSON or other vector file of labelled points or polygons."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.shapes import Shapes
from speckle2vec.evaluate.places.vector_shapes import shapes_of
from speckle2vec.readers.vector_errors import UNREADABLE
from speckle2vec.settings.places import PlaceLabels

Columns = dict[str, list[str]]


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
        shapes = shapes_of(path, shapely.force_2d(shapely.from_wkb(outlines)), system)
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
    return ["" if one is None or one != one else str(one) for one in column]  # no NaT either


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
