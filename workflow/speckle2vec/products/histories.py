"""The history of a training on disk: one line an epoch."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from speckle2vec.products.whole import whole_file


def write_history(rows: Sequence[Mapping[str, float]], path: Path) -> None:
    """Write one line an epoch as CSV; times are in the log, so equal runs are equal bytes."""
    with whole_file(path) as target, target.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[-1]), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
