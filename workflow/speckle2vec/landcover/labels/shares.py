"""How much of each class every split of every corpus holds, before anything is trained."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from speckle2vec.errors import UserError
from speckle2vec.products.catalogue import accepted, read_catalogue_part
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import CountArray, LabelClass, LabelShard, open_labels
from speckle2vec.products.splits import SPLITS
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER
from speckle2vec.settings.root import Settings

COLUMNS = ("corpus", "split", "class", "code", "name", "samples", "pixels", "share")
Counts = dict[tuple[str, str], tuple[CountArray, CountArray]]
"""By corpus and split: samples that hold a class, and its pixels; nodata first."""


def class_shares(
    settings: Settings, keys: Sequence[ShardKey], labels: Path, catalogue: Path, output: Path
) -> None:
    """Write a table of the class shares: `corpus,split,class,code,name,samples,pixels,share`.

    `share` is of the split's pixels that have a class; for nodata (class 0) of all its
    pixels. `samples` holds at least one pixel of the class. No raster is read.

    Args:
        settings: All settings; what draws the splits has to be that of the catalogue.
        keys: The shards in catalogue order.
        labels: Folder of the labels, `results/labels`.
        catalogue: Folder of the catalogue's parts, `results/catalogue`.
        output: The CSV.

    Raises:
        UserError: A part is missing or damaged, two parts have other classes, or no sample
            at all has a label.
    """
    counts: Counts = {}
    classes: tuple[LabelClass, ...] | None = None
    apart: list[str] = []
    for key in keys:
        with open_labels(key.part(labels, ".zarr.zip"), key) as shard:
            if classes not in (None, shard.classes):
                raise UserError(
                    f"{key}: its labels have other classes than those of {keys[0]}; remove "
                    "results/labels and run the same command again."
                )
            classes = shard.classes
            _add(counts, key, shard, _splits(settings, key, shard, catalogue))
            apart.append(_apart(shard))
    _check(counts, apart)
    _tell_absent(counts, classes or ())
    with whole_file(output) as target, target.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_rows(counts, classes or ()))


def _splits(settings: Settings, key: ShardKey, shard: LabelShard, catalogue: Path) -> list[str]:
    part, columns = key.part(catalogue, ".parquet"), ["sample_id", "split", "verdict"]
    table = accepted(read_catalogue_part(part, key, columns, settings.drawn))
    if tuple(table["sample_id"].to_pylist()) != shard.sample_ids:
        raise UserError(
            f"{part}: holds other samples than the labels of {key}; remove that shard's part of "
            "results/labels and run the same command again."
        )
    return [str(split) for split in table["split"].to_pylist()]


def _add(counts: Counts, key: ShardKey, shard: LabelShard, splits: Sequence[str]) -> None:
    for name in sorted(set(splits)):
        here = shard.counts[np.array(splits) == name]
        empty = np.zeros(shard.counts.shape[1], np.int64)
        samples, pixels = counts.get((key.corpus, name), (empty, empty))
        counts[key.corpus, name] = (samples + (here > 0).sum(axis=0), pixels + here.sum(axis=0))


def _apart(shard: LabelShard) -> str:
    return (
        f"the samples lie at {shard.attributes['samples_extent']}, the labels at "
        f"{shard.attributes['source_extent']}"
    )


def _check(counts: Counts, apart: Sequence[str]) -> None:
    if counts and not any(pixels[1:].any() for _, pixels in counts.values()):
        raise UserError(
            f"No sample has a label: {apart[0]} (in the first shard). Give labels of the same "
            "region by `labels.path`, or samples of theirs."
        )


def _tell_absent(counts: Counts, classes: Sequence[LabelClass]) -> None:
    for (corpus, split), (samples, _) in sorted(counts.items()):
        absent = [one.name for one in classes if samples[one.index] == 0]
        if absent:
            LOGGER.warning(
                "Split %s of %s has no pixel of %s: what is measured there is undefined for them.",
                split, corpus, ", ".join(absent),
            )  # fmt: skip


def _rows(counts: Counts, classes: Sequence[LabelClass]) -> Iterator[tuple[object, ...]]:
    order = sorted(counts, key=lambda pair: (pair[0], SPLITS.index(pair[1])))
    table = [(0, "", "nodata"), *((one.index, one.code, one.name) for one in classes)]
    for corpus, split in order:
        samples, pixels = counts[corpus, split]
        whole, labelled = max(int(pixels.sum()), 1), max(int(pixels[1:].sum()), 1)
        for (index, code, name), n, m in zip(table, samples, pixels, strict=True):
            share = int(m) / (labelled if index else whole)
            yield corpus, split, index, code, name, int(n), int(m), f"{share:.6f}"
