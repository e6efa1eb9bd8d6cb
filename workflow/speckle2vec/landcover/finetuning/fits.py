"""How the pixels of a cube lie on those of its sample's labels."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.products.labels import NODATA, ClassArray
from speckle2vec.products.patches import filled, kept
from speckle2vec.products.stores import open_store

Side = tuple[int, int]
"""Height and width."""


class Fit(Enum):
    """What of a sample a cube shows."""

    WHOLE = "whole"
    """All of it, resized: logits are brought to the grid of the labels."""
    NATIVE = "native"
    """Its own pixels: the centre where it is larger, reflected where it is smaller."""


FITS = {"sar-temporal": Fit.WHOLE, "fusion": Fit.NATIVE}


def fit_of(attributes: Mapping[str, Any], path: Path) -> Fit:
    """How cubes lie on labels, by the feature set that their recipe names.

    Args:
        attributes: The cubes' attributes.
        path: Their file, for the sentence.

    Raises:
        UserError: The feature set is none of those whose cubes can be laid on labels.
    """
    name = (attributes.get("recipe") or {}).get("feature_set")
    if name not in FITS:
        raise UserError(
            f"{path}: cubes and labels cannot be laid on each other, since nobody knows how cubes "
            f"of the feature set {name!r} lie on the ground; those of {', '.join(FITS)} can."
        )
    return FITS[name]


def check_native(path: Path, names: Sequence[str], shapes: Mapping[str, Side]) -> None:
    """See that native patches were cut from grids like those of the labels.

    Args:
        path: A shard of cubes of `Fit.NATIVE`.
        names: Ids of its samples, in order.
        shapes: Height and width of the labels by sample id; others are not looked at.

    Raises:
        UserError: A patch was cut from a grid of another shape.
    """
    with open_store(path) as group:
        sides = np.asarray(group["native"][...])  # type: ignore[index]
    for name, side in zip(names, sides.tolist(), strict=True):
        if name in shapes and tuple(side) != shapes[name]:
            tall, wide = shapes[name]
            raise UserError(
                f"{path}: cubes and labels cannot be laid on each other: sample {name} is "
                f"{side[0]} x {side[1]} pixels here and {tall} x {wide} in the labels. Remove that "
                "shard's parts of results/cubes and results/labels and run the same command again."
            )


def as_cube(labels: ClassArray, shape: Side) -> ClassArray:
    """Labels (y, x) of a native grid as the cube shows them; what was reflected is nodata."""
    shown = np.full(shape, NODATA, np.uint8)
    shown[_places(filled, labels.shape, shape)] = labels[_places(kept, labels.shape, shape)]
    return shown


def as_labels(values: npt.NDArray[np.float32], shape: Side) -> npt.NDArray[np.float32]:
    """Values (class, y, x) of a cube's pixels on the native grid; 0 where the cube shows none."""
    native = np.zeros((len(values), *shape), np.float32)
    there = _places(filled, shape, values.shape[1:])
    native[:, *_places(kept, shape, values.shape[1:])] = values[:, *there]
    return native


def _places(
    of: Callable[[int, int], slice], native: Sequence[int], cube: Sequence[int]
) -> tuple[slice, slice]:
    return of(native[0], cube[0]), of(native[1], cube[1])
