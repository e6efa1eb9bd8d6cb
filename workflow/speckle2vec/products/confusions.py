"""Confusion matrices on disk: one run on labels, counted block by block.

Parquet with one row for every block, true and predicted class that occur, columns
`block`, `truth`, `predicted` (class indices from 1) and `pixels`; what was run and the
class table stand as JSON in the metadata. Pixels without a true class are not counted.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.errors import UserError
from speckle2vec.products.labels import LabelClass
from speckle2vec.products.whole import whole_file

METADATA_KEY = b"speckle2vec"
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
    table = pa.table(columns, schema=SCHEMA.with_metadata({METADATA_KEY: _text(about)}))
    with whole_file(path) as target:
        pq.write_table(table, target, compression="zstd")


def read_confusion(path: Path) -> Confusion:
    """Read the matrices of a run.

    Raises:
        UserError: The file is missing, damaged, or holds no confusion matrices.
    """
    try:
        table = pq.read_table(path)
        told = json.loads(table.schema.metadata[METADATA_KEY])
        classes = tuple(LabelClass(**one) for one in told["classes"])
        counts = _matrices(table, told["blocks"], len(classes))
        return Confusion(told["about"], classes, tuple(told["blocks"]), counts)
    except (OSError, pa.ArrowInvalid, LookupError, TypeError, ValueError) as error:
        raise UserError(
            f"{path}: is missing or damaged ({error}); remove it and run the same command again."
        ) from error


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


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True)
