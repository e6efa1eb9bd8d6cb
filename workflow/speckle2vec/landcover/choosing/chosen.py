"""Which samples a run on labels learns from, and which it is judged by."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from speckle2vec.errors import UserError
from speckle2vec.landcover.choosing.labelled import Found, read_labelled
from speckle2vec.landcover.choosing.shares import LEARNING, drawn_split, shared
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import CountArray, LabelClass
from speckle2vec.progress import LOGGER
from speckle2vec.settings.landcover import Run


@dataclass(frozen=True)
class Chosen:
    """The samples of a run on labels; all of them have at least one labelled pixel."""

    splits: Mapping[str, str]
    """`train`, `validation` or `test` by id of the samples that a share leaves."""
    classes: tuple[LabelClass, ...]
    """The class table."""
    pixels: CountArray
    """Labelled pixels, (split, class), in the order `train`, `validation`, `test`."""
    blocks: Mapping[str, str]
    """Block by sample id, also of those that the share leaves out."""
    whole: Mapping[str, str]
    """Split by sample id, as it is for the share of 100 %."""

    def scored(self, splits: Sequence[str]) -> frozenset[str]:
        """Ids of the samples of some splits, the same for every share."""
        return frozenset(name for name, own in self.whole.items() if own in splits)

    def of(self, split: str) -> frozenset[str]:
        """Ids of the samples of one split."""
        return frozenset(name for name, own in self.splits.items() if own == split)

    def numbers(self) -> dict[str, dict[str, int]]:
        """How many samples and blocks each split has."""
        told = {}
        for split in LEARNING:
            names = self.of(split)
            blocks = {self.blocks[name] for name in names}
            told[split] = {"samples": len(names), "blocks": len(blocks)}
        return told


def choose(
    keys: Sequence[ShardKey],
    catalogue: Path,
    labels: Path,
    run: Run,
    seed: int,
    own_seed: int,
    drawn: Mapping[str, Any] | None = None,
) -> Chosen:
    """The samples of a run by split: `blocks` as in the catalogue, or `random` 70/20/10.

    A sample's split and its place in line for a share are pure functions of a seed and its
    id: shards may come in any order, and a smaller share is part of a larger one. The share
    is of the training samples; validation shrinks alike, though never below 8 samples, and
    the test stays whole. Of few labels it matters which they are, so every seed draws its own,
    the same for all encoders. Memory holds ids and counts, no raster is read.

    Args:
        keys: The shards.
        catalogue: Folder of the catalogue's parts, `results/catalogue`.
        labels: Folder of the labels, `results/labels`.
        run: Split and share count.
        seed: The run's own, which draws the random split: all are scored on the same samples.
        own_seed: The seed of the training, which draws the share.
        drawn: By what the catalogue's splits have to be drawn (`Settings.drawn`).

    Raises:
        UserError: A part is missing or damaged, two parts do not agree, a split has no
            labelled sample, or the share leaves fewer than 8 to train on.
    """
    found = read_labelled(keys, catalogue, labels, drawn)
    split_of = {
        name: split
        for name, one in found.labelled.items()
        if (split := one.split if run.split == "blocks" else drawn_split(name, seed)) in LEARNING
    }
    _check_every(split_of, found, run)
    splits = shared(split_of, run, own_seed)
    pixels = np.zeros((len(LEARNING), len(found.classes)), np.int64)
    for name, split in splits.items():
        pixels[LEARNING.index(split)] += found.labelled[name].pixels
    blocks = {name: found.labelled[name].block for name in split_of}
    chosen = Chosen(splits, found.classes, pixels, blocks, split_of)
    _tell_absent(chosen)
    return chosen


def _check_every(split_of: Mapping[str, str], found: Found, run: Run) -> None:
    counts = Counter(split_of.values())
    missing = [split for split in LEARNING if not counts[split]]
    if missing:
        told = ", ".join(f"{split} {counts[split]}" for split in LEARNING)
        mend = (
            "raise the split's share in `splits`, lower `splits.block_km`, or give labels that "
            "cover more of the samples by `labels.path`"
            if run.split == "blocks"
            else "give labels that cover more of the samples by `labels.path`"
        )
        raise UserError(
            f"No sample of the split {' or '.join(missing)} has a label: the labels cover "
            f"{len(found.labelled)} of {found.samples} samples ({told}); {mend}. "
            "results/landcover/class_shares.csv says what each split holds."
        )


def _tell_absent(chosen: Chosen) -> None:
    for split, meaning in (
        ("train", "nothing can learn to tell it"),
        ("test", "its scores are undefined"),
    ):
        absent = list(_absent(chosen, split))
        if absent:
            LOGGER.warning(
                "No pixel of the split %s is %s: %s.", split, " or ".join(absent), meaning
            )


def _absent(chosen: Chosen, split: str) -> Iterator[str]:
    pixels = chosen.pixels[LEARNING.index(split)]
    return (one.name for one, count in zip(chosen.classes, pixels, strict=True) if not count)
