"""Confusion matrices on disk: one run on labels, counted block by block.

Parquet with one row for every block, true and predicted class that occur, columns
`block`, `truth`, `predicted` (class indices from 1) and `pixels`; what was run and the
class table stand as JSON in the metadata. Pixels without a true class are not counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speckle2vec.products.labels import LabelClass
from speckle2vec.products.parquet import about_of, read_table, told, write_table
from speckle2vec.products.refused import refused

SCHEMA = pa.schema(
    [
        ("block", pa.string()),
        ("truth", pa.uint8()),
        ("predicted", pa.uint8()),
        ("pixels", pa.int64()),
    ]
)
CountArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Confusion:
    """What one run said of the scored pixels."""

    about: Mapping[str, Any]
    """Run, seed, counts of samples, settings, versions."""
    classes: tuple[LabelClass, ...]
    """The class table, in the order of the matrices."""
    blocks: tuple[str, ...]
    """The scored blocks, sorted."""
    counts: CountArray
    """Pixels, (block, true class, predicted class)."""


def write_confusion(confusion: Confusion, path: Path) -> None:
    """Write the matrices; equal counts are equal bytes."""
    block, truth, predicted = np.nonzero(confusion.counts)
    columns = {
        "block": [confusion.blocks[index] for index in block],
        "truth": (truth + 1).astype(np.uint8),
        "predicted": (predicted + 1).astype(np.uint8),
        "pixels": confusion.counts[block, truth, predicted],
    }
    about = {
        "about": dict(confusion.about),
        "classes": [asdict(one) for one in confusion.classes],
        "blocks": list(confusion.blocks),
    }
    write_table(pa.table(columns, schema=SCHEMA.with_metadata(told(about))), path)


def read_confusion(path: Path) -> Confusion:
    """Read the matrices of a run.

    Raises:
        UserError: The file is missing, damaged, or holds no confusion matrices.
    """
    table = read_table(path)
    with refused(path):
        about = about_of(table.schema)
        classes = tuple(LabelClass(**one) for one in about["classes"])
        counts = _matrices(table, about["blocks"], len(classes))
        return Confusion(about["about"], classes, tuple(about["blocks"]), counts)


def _matrices(table: pa.Table, blocks: Sequence[str], classes: int) -> CountArray:
    counts = np.zeros((len(blocks), classes, classes), np.int64)
    place = {name: index for index, name in enumerate(blocks)}
    rows = np.array([place[name] for name in table["block"].to_pylist()], np.int64)
    truth, predicted = (
        table[name].to_numpy().astype(np.int64) - 1 for name in ("truth", "predicted")
    )
    if min(truth.min(initial=0), predicted.min(initial=0)) < 0:
        raise ValueError("it counts pixels without a class")
    np.add.at(counts, (rows, truth, predicted), table["pixels"].to_numpy())
    return counts
