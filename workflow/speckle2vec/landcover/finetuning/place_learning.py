"""What a classifier of places learns from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.products.place_labels import PlaceTarget

LEARNING = ("train", "validation")


@dataclass(frozen=True)
class Learnt:
    """What a classifier of places learns from."""

    classes: tuple[str, ...]
    """Those of the training samples, sorted."""
    labels: Mapping[str, int]
    """Class by sample id, counted from 0."""
    splits: Mapping[str, str]
    """`train` or `validation` by sample id."""

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Training samples of each class."""
        rows = [self.labels[name] for name, split in self.splits.items() if split == "train"]
        return np.bincount(rows, minlength=len(self.classes)).astype(np.int64)


def learnt_from(target: PlaceTarget) -> Learnt:
    """The labelled samples of training and validation.

    Raises:
        UserError: The training samples are all of one class.
    """
    told = target.labelled
    ids, labels, splits = (told[name].to_pylist() for name in ("id", "label", "split"))
    shown = {label for label, split in zip(labels, splits, strict=True) if split == "train"}
    classes = tuple(sorted(shown))
    if len(classes) < 2:
        held = f"are all of {classes[0]!r}" if classes else "are none"
        raise UserError(
            f"The labelled training samples of {target.name!r} {held}: there is nothing to tell "
            "apart; label more places, or change `splits`."
        )
    kept = [
        (name, classes.index(label), split)
        for name, label, split in zip(ids, labels, splits, strict=True)
        if label in shown and split in LEARNING
    ]
    return Learnt(
        classes,
        {name: label for name, label, _ in kept},
        {name: split for name, _, split in kept},
    )
