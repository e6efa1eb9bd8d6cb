"""The places of the samples of one split, read from the table of neighbours."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import torch

from speckle2vec.pretrain.places import Places
from speckle2vec.products.neighbours import read_nearness, read_neighbours
from speckle2vec.products.sphere import arc_of, chord_of, unit_vectors

NUMBERS_TOGETHER = 2**24
ROUNDING = 1e-9
IntArray = npt.NDArray[np.int64]
DoubleArray = npt.NDArray[np.float64]


def read_places(path: Path, ids: Sequence[str]) -> Places:
    """The places of the samples of one split.

    Samples of the table that are not among these, such as those without a cube of this
    feature set, are no neighbours; where that leaves a sample none, the nearest of these
    stand in, as many as the table was told to.

    Args:
        path: `results/neighbours.parquet`.
        ids: The samples, in order.

    Raises:
        UserError: The table is missing or damaged.
    """
    nearness = read_nearness(path)
    width = max(nearness.most, nearness.nearest)
    positions = np.full((len(ids), 2), np.nan)
    found = np.zeros((len(ids), width), np.int64)
    degrees = np.full((len(ids), width), np.inf)
    names = pa.array(ids, pa.string())
    for block in read_neighbours(path):
        rows, own = _matches(names, block["sample_id"])
        for axis, name in enumerate(("longitude", "latitude")):
            positions[rows, axis] = block[name].to_numpy()[own]
        listed = _padded(block["neighbours"], block["distances"], names, width)
        found[rows], degrees[rows] = (values[own] for values in listed)
    vectors = unit_vectors(*positions.T)
    _stand_in(vectors, found, degrees, nearness.nearest)
    return _places(vectors, found, degrees, nearness.radius)


def _places(vectors: DoubleArray, found: IntArray, degrees: DoubleArray, radius: float) -> Places:
    there = np.isfinite(degrees)
    width = max(int(there.sum(axis=1).max(initial=0)), 1)
    farthest = np.where(there, degrees, 0).max(axis=1, initial=radius)
    reach = chord_of(farthest) ** 2 * (1 + ROUNDING)
    numbers = vectors, found[:, :width], degrees[:, :width], reach
    return Places(*(torch.from_numpy(np.ascontiguousarray(values)) for values in numbers))


def _matches(names: pa.Array, among: pa.ChunkedArray) -> tuple[IntArray, IntArray]:
    """Places of the names that are among others, and where they are there."""
    found = pc.index_in(names, among.combine_chunks()).fill_null(-1).to_numpy()
    rows = np.flatnonzero(found >= 0)
    return rows, found[rows].astype(np.int64)


def _padded(
    neighbours: pa.ChunkedArray, distances: pa.ChunkedArray, names: pa.Array, width: int
) -> tuple[IntArray, DoubleArray]:
    """Lists of neighbours as rows among the names, those that are there, the nearest first."""
    lists = neighbours.combine_chunks()
    words = lists.flatten()
    rows_of = pc.index_in(words.dictionary, names).fill_null(-1).to_numpy()
    counts = pc.list_value_length(lists).to_numpy()
    line = np.repeat(np.arange(len(counts)), counts)
    column = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    found = np.zeros((len(counts), width), np.int64)
    degrees = np.full((len(counts), width), np.inf)
    found[line, column] = rows_of[words.indices.to_numpy()]
    degrees[line, column] = distances.combine_chunks().flatten().to_numpy()
    degrees[found < 0] = np.inf
    order = np.argsort(degrees, axis=1, kind="stable")
    return np.take_along_axis(found, order, 1), np.take_along_axis(degrees, order, 1)


def _stand_in(vectors: DoubleArray, found: IntArray, degrees: DoubleArray, nearest: int) -> None:
    """Give samples without a neighbour the nearest samples, in place."""
    placed = np.flatnonzero(np.isfinite(vectors[:, 0]))
    alone = placed[~np.isfinite(degrees[placed, 0])]
    count = min(nearest, len(placed) - 1)
    if not count or not len(alone):
        return
    others = torch.from_numpy(vectors[placed])
    for rows in np.array_split(alone, -(-len(alone) * len(placed) // NUMBERS_TOGETHER)):
        near = torch.from_numpy(vectors[rows]) @ others.T
        near[torch.arange(len(rows)), torch.from_numpy(np.searchsorted(placed, rows))] = -2
        chosen = placed[near.topk(count, dim=1).indices.numpy()]
        chords = np.linalg.norm(vectors[rows, None] - vectors[chosen], axis=2)
        found[rows, :count], degrees[rows, :count] = chosen, arc_of(chords)
