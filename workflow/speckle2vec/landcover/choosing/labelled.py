"""Which samples have labels, and how many pixels of each class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from speckle2vec.errors import UserError
from speckle2vec.products.catalogue import accepted, read_catalogue_part
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import CountArray, LabelClass, LabelShard, open_labels

COLUMNS = ("sample_id", "split", "block", "verdict")


class Labelled(NamedTuple):
    """One sample with labels, before it is chosen."""

    split: str
    block: str
    pixels: CountArray


@dataclass
class Found:
    """What the labels of all shards say, without their pixels."""

    samples: int = 0
    """Accepted samples."""
    classes: tuple[LabelClass, ...] = ()
    labelled: dict[str, Labelled] = field(default_factory=dict)


def read_labelled(
    keys: Sequence[ShardKey], catalogue: Path, labels: Path, drawn: Mapping[str, Any] | None
) -> Found:
    """Find the accepted samples with a labelled pixel; no raster is read.

    Args:
        keys: The shards.
        catalogue: Folder of the catalogue's parts, `results/catalogue`.
        labels: Folder of the labels, `results/labels`.
        drawn: By what the catalogue's splits have to be drawn (`Settings.drawn`).

    Raises:
        UserError: A part is missing or damaged, or two parts do not agree.
    """
    found = Found()
    for key in sorted(keys):
        part = key.part(catalogue, ".parquet")
        rows = accepted(read_catalogue_part(part, key, COLUMNS, drawn)).to_pylist()
        with open_labels(key.part(labels, ".zarr.zip"), key) as shard:
            _check(part, key, rows, shard, found)
            found.classes, counts = shard.classes, shard.counts[:, 1:]
        found.samples += len(rows)
        found.labelled |= {
            row["sample_id"]: Labelled(row["split"] or "", row["block"] or "", pixels)
            for row, pixels in zip(rows, counts, strict=True)
            if pixels.any()
        }
    return found


def _check(
    part: Path, key: ShardKey, rows: Sequence[Mapping[str, str]], shard: LabelShard, found: Found
) -> None:
    if tuple(row["sample_id"] for row in rows) != shard.sample_ids:
        raise UserError(
            f"{part}: holds other samples than the labels of {key}; remove that shard's "
            "part of results/labels and run the same command again."
        )
    if found.classes not in ((), shard.classes):
        raise UserError(
            f"{key}: its labels have other classes than those of the shards before it; "
            "remove results/labels and run the same command again."
        )
