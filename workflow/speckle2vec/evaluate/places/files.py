"""A user's labelled places, read and checked: a CSV, a GeoPackage or a GeoJSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.shapes import Shapes
from speckle2vec.evaluate.unique import check_unique
from speckle2vec.readers.locations import locate
from speckle2vec.settings.places import PlaceLabels

Texts = npt.NDArray[Any]


@dataclass(frozen=True)
class LabelledPlaces:
    """Places of which a class is known."""

    path: str
    ids: Texts
    labels: Texts
    shapes: Shapes

    def __len__(self) -> int:
        """How many there are."""
        return len(self.ids)


def read_places(name: str, declared: PlaceLabels, data: str) -> LabelledPlaces:
    """Read and check all labelled places; they are the user's table, and held in memory.

    Args:
        name: Name of the places in the settings.
        declared: Where they are, and how their columns are called.
        data: Folder that a relative path starts from.

    Raises:
        UserError: The file, a column, a position, an id or a label is missing or wrong.
    """
    path = Path(locate(data, declared.path))
    if path.suffix.lower() in (".csv", ".txt"):
        from speckle2vec.evaluate.places.csv import read_csv

        columns, shapes = read_csv(path, declared.columns)
    else:
        from speckle2vec.evaluate.places.vector import read_vector

        columns, shapes = read_vector(path, declared, name)
    labels = np.array([text.strip() for text in columns["label"]], str)
    ids = np.array(columns.get("id") or [f"row {row + 1}" for row in range(len(labels))], str)
    _check_labels(path, ids, labels, declared.classes, name)
    check_unique(path, ids)
    return LabelledPlaces(str(path), ids, labels, shapes)


def _check_labels(path: Path, ids: Texts, labels: Texts, classes: Sequence[str], name: str) -> None:
    if len(labels) == 0:
        raise UserError(f"{path}: holds no place; a file of labelled places has one row a place.")
    if (labels == "").any():
        raise UserError(
            f"{path}: {ids[labels == ''][0]} has no label, as {(labels == '').sum()} of "
            f"{len(labels)} places; give each its class, or remove it."
        )
    unknown = ~np.isin(labels, classes) if classes else np.zeros(len(labels), bool)
    if unknown.any():
        raise UserError(
            f"{path}: {ids[unknown][0]} is of the class {str(labels[unknown][0])!r}, which "
            f"`places.{name}.classes` does not name; it names {', '.join(classes)}. Correct "
            "one of the two."
        )
