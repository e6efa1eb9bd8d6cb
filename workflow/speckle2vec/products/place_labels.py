"""Labelled places on disk: which samples hold them.

Parquet, with what it means as JSON in the metadata.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.products.parquet import about_of, read_table, told, write_table
from speckle2vec.products.refused import refused

Doubles = npt.NDArray[np.float64]
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("label", pa.string()),
        pa.field("block", pa.string()),
        pa.field("split", pa.string()),
        pa.field("labels", pa.int64(), nullable=False),
    ]
)


@dataclass(frozen=True)
class PlaceTarget:
    """The samples that hold labelled places, sorted by id."""

    name: str
    """Name of the places in the settings."""
    classes: tuple[str, ...]
    """The classes of the labelled samples, sorted."""
    positive: str
    """The one that is looked for."""
    about: Mapping[str, Any]
    """Counts of places and samples, settings of the join."""
    table: pa.Table
    """`id`, `label` (none where several disagree, or a place is held by too little), `block`,
    `split`, and `labels`: how many places lie there, 0 for all other samples, which the settings
    may give a class."""

    @property
    def labelled(self) -> pa.Table:
        """The samples that have a label."""
        return self.table.filter(self.table["label"].is_valid())

    @property
    def held(self) -> frozenset[str]:
        """Ids of the samples in which a labelled place lies."""
        counts = self.table["labels"].to_numpy()
        names = self.table["id"].to_pylist()
        return frozenset(name for name, count in zip(names, counts, strict=True) if count)

    def beside(self, rows: pa.Table) -> pa.Table:
        """`id`, `label` (none where there is none), `split` and `block` of some samples.

        Args:
            rows: Of the catalogue, with `sample_id`, `split` and `block`.
        """
        places = pc.index_in(rows["sample_id"], self.table["id"])
        told = {"id": rows["sample_id"], "label": self.table["label"].take(places)}
        return pa.table({**told, "split": rows["split"], "block": rows["block"]})

    def known_to(self, classes: Sequence[str], probabilities: Doubles) -> Doubles:
        """Probabilities of all classes, 0 of those that a classifier was not shown.

        Args:
            classes: Those it was shown.
            probabilities: (sample, of those).
        """
        every = np.zeros((len(probabilities), len(self.classes)))
        every[:, [self.classes.index(one) for one in classes]] = probabilities
        return every


def write_place_target(target: PlaceTarget, path: Path) -> None:
    """Write the labels; equal labels are equal bytes."""
    about = {
        "name": target.name,
        "classes": list(target.classes),
        "positive": target.positive,
        "about": dict(target.about),
    }
    write_table(target.table.cast(SCHEMA).replace_schema_metadata(told(about)), path)


def read_place_target(path: Path) -> PlaceTarget:
    """Read the labels.

    Raises:
        UserError: The file is missing, damaged, or holds no labels of places.
    """
    table = read_table(path)
    with refused(path):
        about = about_of(table.schema)
        classes = tuple(about["classes"])
        return PlaceTarget(about["name"], classes, about["positive"], about["about"], table)
