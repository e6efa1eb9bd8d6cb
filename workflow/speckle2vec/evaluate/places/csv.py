"""A CSV of labelled points or boxes in degrees."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.shapes import Shapes, boxes, points
from speckle2vec.settings.places import PlaceColumns

FloatArray = npt.NDArray[np.float64]
Columns = dict[str, list[str]]


def read_csv(path: Path, names: PlaceColumns) -> tuple[Columns, Shapes]:
    """Labels, ids where there are any, and points or boxes.

    Args:
        path: The CSV, with a header.
        names: Names of its columns.

    Raises:
        UserError: The file is no CSV, lacks a column, or a row holds no place on Earth.
    """
    point = [names.longitude, names.latitude]
    box = [names.west, names.south, names.east, names.north]
    table = _texts(path, [*point, *box, names.label, *([names.id] if names.id else [])])
    there = set(table.column_names)
    wanted = point if set(point) <= there else box
    told = [*wanted, names.label, *([names.id] if names.id else [])]
    _check_columns(path, table, told, wanted, point)
    axes = [_numbers(path, name, table[name].to_pylist()) for name in wanted]
    shapes = _points(path, *axes) if wanted == point else _boxes(path, *axes)
    columns = {"label": table[names.label].to_pylist()}
    return columns | ({"id": table[names.id].to_pylist()} if names.id else {}), shapes


def _texts(path: Path, known: list[str]) -> pa.Table:
    """The table; the columns that are asked for as text."""
    as_text = dict.fromkeys(known, pa.string())
    options = pyarrow.csv.ConvertOptions(column_types=as_text, strings_can_be_null=False)
    try:
        return pyarrow.csv.read_csv(path, convert_options=options)
    except (OSError, pa.ArrowException) as error:
        raise UserError(
            f"{path}: is missing or no CSV ({error}); a file of labelled places has a header and "
            "columns such as longitude, latitude and label."
        ) from error


def _check_columns(
    path: Path, table: pa.Table, wanted: list[str], axes: list[str], point: list[str]
) -> None:
    twice = [name for name in wanted if table.column_names.count(name) > 1]
    if twice:
        raise UserError(f"{path}: has two columns `{twice[0]}`; remove or rename one of them.")
    missing = [name for name in wanted if name not in table.column_names]
    if not missing:
        return
    kinds = f"{' and '.join(point)} of a point, or {', '.join(axes)} of a box"
    of_places = f" Places have {kinds}." if missing[0] in axes else ""
    raise UserError(
        f"{path}: has no column `{missing[0]}`; it holds {', '.join(table.column_names[:12])}."
        f"{of_places} Correct the header, or name the columns in `places.*.columns`."
    )


def _numbers(path: Path, name: str, texts: list[str]) -> FloatArray:
    numbers = np.empty(len(texts))
    for row, text in enumerate(texts):
        try:
            numbers[row] = float(text)
        except ValueError:
            numbers[row] = np.nan
        if not np.isfinite(numbers[row]):
            raise UserError(
                f"{path}: row {row + 1} has {text!r} as {name} and should have degrees, such as "
                "13.25; correct or remove it."
            )
    return numbers


def _points(path: Path, longitude: FloatArray, latitude: FloatArray) -> Shapes:
    _check_range(path, longitude, latitude)
    return points(longitude, latitude)


def _boxes(
    path: Path, west: FloatArray, south: FloatArray, east: FloatArray, north: FloatArray
) -> Shapes:
    _check_range(path, west, south)
    _check_range(path, east, north)
    flat = np.flatnonzero((south >= north) | (west == east) | (west - east == 360))
    if len(flat):
        row = flat[0]
        raise UserError(
            f"{path}: the box of row {row + 1} holds nothing: west {west[row]:g}, south "
            f"{south[row]:g}, east {east[row]:g}, north {north[row]:g}; south lies below north, "
            "and west differs from east."
        )
    return boxes(west, south, east, north)


def _check_range(path: Path, longitude: FloatArray, latitude: FloatArray) -> None:
    wrong = np.flatnonzero((np.abs(latitude) > 90) | (np.abs(longitude) > 180))
    if len(wrong) == 0:
        return
    row: Any = wrong[0]
    x, y = longitude[row], latitude[row]
    swapped = " They look swapped." if abs(x) <= 90 and abs(y) <= 180 else ""
    raise UserError(
        f"{path}: row {row + 1} lies at longitude {x:g}, latitude {y:g}, and {len(wrong)} of "
        f"{len(latitude)} rows do not lie within -180..180 and -90..90.{swapped} Correct them, or "
        "the names in `places.*.columns`."
    )
