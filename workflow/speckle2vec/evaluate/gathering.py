"""Embeddings of samples that are asked for by id, gathered from the parts of all shards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.products.accepted import AcceptedSamples
from speckle2vec.products.embeddings import check_parts, embedding_values, read_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.progress import LOGGER, track
from speckle2vec.provenance import generator

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Asked:
    """Samples with their label and place, sorted by id."""

    ids: Array
    labels: Array
    blocks: Array

    def of(self, rows: Array) -> "Asked":
        """Some of them."""
        return Asked(self.ids[rows], self.labels[rows], self.blocks[rows])


def at_most(training: Asked, most: int, seed: int, kind: str = "regression") -> Asked:
    """All of them, or so many that are drawn.

    Args:
        training: The samples.
        most: So many at most.
        seed: Of the draw.
        kind: Samples for `classification` are drawn by class: all of those classes that have
            less than an equal part, the rest from the larger ones. Others are drawn evenly.
    """
    if len(training.ids) <= most:
        return training
    LOGGER.info("The probe is fitted on %d of %d training samples", most, len(training.ids))
    random, of_classes = generator(seed, "probe"), kind == "classification"
    labels = training.labels if of_classes else np.zeros(len(training.ids))
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    drawn = [
        random.choice(np.flatnonzero(classes == one), part, replace=False)
        for one, part in enumerate(_parts(counts, most))
    ]
    return training.of(np.sort(np.concatenate(drawn)))


def _parts(counts: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.int64]:
    """How many to take of each class: equal parts, or all where a class has less."""
    parts = np.zeros_like(counts)
    for done, one in enumerate(np.argsort(counts, kind="stable")):
        parts[one] = min(counts[one], (most - parts.sum()) // (len(counts) - done))
    return parts


def found_in(
    ids: Array, keys: Sequence[ShardKey], folder: Path, samples: AcceptedSamples | None
) -> Iterator[tuple[Array, npt.NDArray[np.float32]]]:
    """Places in sorted ids, and embeddings, of those that each shard holds.

    Args:
        ids: The samples that are asked for.
        keys: The shards.
        folder: Folder of the parts.
        samples: Which samples count in each shard; all where none are given, as of codes,
            which hold each sample once.
    """
    check_parts(keys, folder)
    for key in track(keys, len(keys), "Reading embeddings"):
        table = read_embeddings(key.part(folder, ".parquet"))
        names = np.array(table["id"].to_pylist(), str)
        places = np.minimum(np.searchsorted(ids, names), len(ids) - 1)
        counting = True if samples is None else samples.counting(key, names.tolist())
        wanted = np.flatnonzero((ids[places] == names) & counting)
        if len(wanted):
            yield places[wanted], embedding_values(table["embedding"])[wanted]


def gather(
    ids: Array, keys: Sequence[ShardKey], folder: Path, samples: AcceptedSamples | None
) -> tuple[Array, npt.NDArray[np.float32]]:
    """Embeddings of sorted ids in their order, and the places of those there are."""
    parts = list(found_in(ids, keys, folder, samples))
    if not parts:
        return np.empty(0, int), np.empty((0, 0), np.float32)
    places = np.concatenate([rows for rows, _ in parts])
    order = np.argsort(places, kind="stable")
    return places[order], np.concatenate([values for _, values in parts])[order]


def check_found(found: Array, training: Asked, folder: Path) -> None:
    """Refuse embeddings of none of the training samples, or of one of them twice.

    Raises:
        UserError: They are.
    """
    if len(found) == 0:
        raise UserError(
            f"{folder}: holds none of the {len(training.ids)} labelled training samples, such as "
            f"{training.ids[0]}; embed the shards of these samples, or correct the labels' ids."
        )
    if len(np.unique(found)) < len(found):
        twice = training.ids[found[np.flatnonzero(np.diff(found) == 0)[0]]]
        raise UserError(
            f"{folder}: holds {twice} twice, so that it is damaged or was made of other files; "
            "remove it and run the same command again."
        )
