"""Labels on disk: what lies in each pixel of the accepted samples of one shard.

A zip of one Zarr group with the arrays `labels` (sample, y, x; class indices, 0 is
nodata), `sample_id`, `row` (row in the raw shard), `height` and `width` (the sample's own
grid: smaller samples stand in the upper left corner, padded with 0), `counts` (sample,
class; pixels of each class, index 0 first) and `covered` (sample; share of the pixels
that the source says anything about, nodata included).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import zarr

from speckle2vec.products.belonging import check_belongs, of_shard
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.refused import refused
from speckle2vec.products.stores import open_store, stored, stored_samples

NODATA = 0
ClassArray = npt.NDArray[np.uint8]
CountArray = npt.NDArray[np.int64]
_ARRAYS = ("sample_id", "row", "height", "width", "counts", "covered")


@dataclass(frozen=True)
class LabelClass:
    """One row of the class table."""

    index: int
    """What stands in the pixels, from 1."""
    code: int
    """The source's own code; of several the lowest."""
    name: str
    colour: str
    """`#rrggbb`."""


@dataclass(frozen=True)
class LabelShard:
    """An open shard of labels: pixels are read when asked for, the rest is here."""

    labels: zarr.Array[Any]
    sample_ids: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    shapes: npt.NDArray[np.int64]
    """Height and width of each sample, (sample, 2)."""
    counts: CountArray
    """Pixels of each class, (sample, class), nodata first."""
    covered: npt.NDArray[np.float64]
    classes: tuple[LabelClass, ...]
    attributes: Mapping[str, Any]

    def read(self, position: int) -> ClassArray:
        """Labels of one sample on its own grid, (y, x)."""
        height, width = self.shapes[position]
        return stored(self.labels, (position, slice(height), slice(width)))

    def take(self, positions: npt.NDArray[np.int64]) -> ClassArray:
        """Labels of some samples, (sample, y, x), smaller ones padded with nodata."""
        return stored_samples(self.labels, positions)


@contextmanager
def open_labels(path: Path, key: ShardKey | None = None) -> Iterator[LabelShard]:
    """Open a shard of labels for reading.

    Args:
        path: The product.
        key: The shard that it has to be of.

    Raises:
        UserError: The file is missing or damaged, or of another shard.
    """
    with open_store(path) as group:
        with refused(path):
            shard = _shard_of(group)
        check_belongs(path, shard.attributes, of_shard(key))
        yield shard


def _shard_of(group: zarr.Group) -> LabelShard:
    arrays = {name: np.asarray(group[name][...]) for name in _ARRAYS}  # type: ignore[index]
    attributes: dict[str, Any] = dict(group.attrs)
    return LabelShard(
        labels=group["labels"],  # type: ignore[arg-type]
        sample_ids=tuple(str(name) for name in arrays["sample_id"]),
        rows=arrays["row"],
        shapes=np.stack([arrays["height"], arrays["width"]], axis=1),
        counts=arrays["counts"],
        covered=arrays["covered"],
        classes=tuple(LabelClass(**row) for row in attributes["classes"]),
        attributes=attributes,
    )


def majority(path: Path) -> pa.Table:
    """The commonest class of each sample; no raster is read.

    Args:
        path: `results/labels/{corpus}/{shard}.zarr.zip`.

    Returns:
        `sample_id`, `class` (index; 0 where no pixel has a class; of two as common the
        lower one), `share` (of the pixels that have a class) and `labelled` (share of all
        pixels that have one).

    Raises:
        UserError: The file is missing or damaged.
    """
    with open_labels(path) as shard:
        known = shard.counts[:, 1:]
        labelled, pixels = known.sum(axis=1), shard.counts.sum(axis=1)
        best = known.argmax(axis=1)
        most = np.take_along_axis(known, best[:, None], axis=1)[:, 0]
        return pa.table({
            "sample_id": pa.array(shard.sample_ids, pa.string()),
            "class": pa.array(np.where(labelled > 0, best + 1, NODATA), pa.int64()),
            "share": pa.array(most / np.maximum(labelled, 1), pa.float64()),
            "labelled": pa.array(labelled / np.maximum(pixels, 1), pa.float64()),
        })  # fmt: skip
