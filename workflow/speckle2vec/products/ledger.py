"""The ledger on disk: what became of each place of one shard that is cut from archives.

One row a place, in the order of the places. It holds what cutting the same images again
finds again; how long that took and how often it was tried stands in the log.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

from speckle2vec.products.parquet import read_table, write_table
from speckle2vec.products.refused import refused

CUT, REFUSED, FAILED = "cut", "refused", "failed"
SCHEMA = pa.schema(
    [
        pa.field("place", pa.string(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("valid", pa.float64()),
    ],
    metadata={
        "verdict": "cut; refused: for good; failed: for now, the next run tries again",
        "valid": "least share of pixels with a value over the images and bands read, 0..1",
    },
)


@dataclass(frozen=True)
class Entry:
    """What became of one place."""

    place: str
    verdict: str
    """`cut`, `refused` or `failed`."""
    reason: str = ""
    """Why there is no patch, in words; empty where there is one."""
    valid: float | None = None
    """Least share of pixels with a value, 0..1; none where nothing was read."""


def write_ledger(entries: Sequence[Entry], path: Path) -> None:
    """Write a ledger, `results/corpora/{corpus}/ledger/{shard}.parquet`."""
    rows = [asdict(entry) for entry in entries]
    write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)


def read_ledger(path: Path) -> list[Entry]:
    """Read a ledger.

    Raises:
        UserError: The file is missing, damaged, or no ledger.
    """
    with refused(path):
        return [Entry(**row) for row in read_table(path).to_pylist()]
