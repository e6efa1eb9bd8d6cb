"""What each shown sample is most like, as the search has found it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.products.parquet import table_reader
from speckle2vec.products.refused import refused

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Alike:
    """The most similar of the shown samples, the most similar first."""

    neighbours: list[list[int]]
    """Places of the neighbours of each sample."""
    cosines: list[list[float]]


def read_alike(path: Path, places: dict[str, int], most: int) -> Alike:
    """Read the most similar samples of those that are shown, block by block.

    Args:
        path: `results/search/{model}/nearest.parquet`.
        places: Where each shown sample stands, by id.
        most: So many neighbours of each, at most; fewer where others are not shown.

    Raises:
        UserError: The table is missing, damaged, or lacks a sample.
    """
    neighbours: list[list[int]] = [[] for _ in places]
    cosines: list[list[float]] = [[] for _ in places]
    known = set[int]()
    with refused(path), table_reader(path) as file:
        for block in file.iter_batches(8192, columns=["id", "nearest", "cosines"]):
            for row in block.to_pylist():
                own = places.get(row["id"])
                if own is not None:
                    known.add(own)
                    pairs = [(places[name], float(cosine)) for name, cosine
                             in zip(row["nearest"], row["cosines"], strict=True)
                             if name in places][:most]  # fmt: skip
                    neighbours[own] = [place for place, _ in pairs]
                    cosines[own] = [round(cosine, 3) for _, cosine in pairs]
    if len(known) < len(places):
        missing = next(name for name, place in places.items() if place not in known)
        raise UserError(
            f"{path}: lists nothing for {missing}, which has an embedding; remove it and run the "
            "same command again."
        )
    return Alike(neighbours, cosines)


def agreement(alike: Alike, classes: IntArray) -> tuple[float, float] | None:
    """How often neighbours share a sample's class, and how often any two samples do.

    Args:
        alike: The neighbours.
        classes: Class of each sample, 0 where it has none; those do not count.

    Returns:
        Two shares; None where no two samples have a class.
    """
    same = [classes[other] == classes[own]
            for own, others in enumerate(alike.neighbours) if classes[own]
            for other in others if classes[other]]  # fmt: skip
    counts = np.bincount(classes[classes > 0]).astype(np.float64)
    total = counts.sum()
    if not same or total < 2:
        return None
    return float(np.mean(same)), float((counts * (counts - 1)).sum() / (total * (total - 1)))
