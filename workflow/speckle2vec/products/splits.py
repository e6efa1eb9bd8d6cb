"""Spatial splits: a pure function of the seed and a fixed grid of blocks.

Blocks are squares of a fixed grid in the equal-area projection EPSG:6933. Which split a
block belongs to depends on its own column and row only, so that a new shard moves no old
sample (DESIGN, "Splits"; blocks against spatial leakage: Roberts et al. 2017,
doi:10.1111/ecog.02881).
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyproj

from speckle2vec.provenance import stream_seed
from speckle2vec.settings.stages import Splits

BETWEEN_SPLITS = "buffer"
SPLITS = ("train", "validation", "test", BETWEEN_SPLITS)
EQUAL_AREA = "EPSG:6933"
HALF_WORLD_M = 17_367_530.445
_WIDEST_STRETCH = 20.0
FloatVector = npt.NDArray[np.floating[Any]]
IntVector = npt.NDArray[np.int64]


class Placement(NamedTuple):
    """Block (`column_row`) and split of each position."""

    blocks: Sequence[str | None]
    splits: Sequence[str | None]


def split_samples(
    names: Sequence[str], longitude: FloatVector, latitude: FloatVector, splits: Splits, seed: int
) -> Placement:
    """Block and split of samples, none of those without a position or a name in `splits.places`.

    Args:
        names: Place of each sample.
        longitude: Degrees, WGS 84, (sample); NaN where it is not known.
        latitude: Degrees, WGS 84, (sample).
        splits: Their settings.
        seed: The seed of the settings.
    """
    known = np.flatnonzero(np.isfinite(longitude) & np.isfinite(latitude))
    blocks: list[str | None] = [None] * len(names)
    chosen = list(blocks)
    found = place(longitude[known], latitude[known], splits, seed)
    for row, block, split in zip(known, *found, strict=True):
        blocks[row], chosen[row] = block, split
    return place_by_name(names, Placement(blocks, chosen), splits)


def place(longitude: FloatVector, latitude: FloatVector, splits: Splits, seed: int) -> Placement:
    """Block and split of positions.

    A position nearer than the buffer to a block of another split gets `buffer`. The
    distance is that to the block's square, in metres on the ground: the projection
    stretches east-west and shrinks north-south away from 30 degrees, and its factors at
    the position are divided out.

    Args:
        longitude: Degrees, WGS 84, (sample).
        latitude: Degrees, WGS 84, (sample).
        splits: Size of the blocks, buffer and shares.
        seed: The seed of the settings.
    """
    if len(longitude) == 0:
        return Placement([], [])
    to_plane = pyproj.Transformer.from_crs("EPSG:4326", EQUAL_AREA, always_xy=True)
    x, y = (np.asarray(axis, dtype=np.float64) for axis in to_plane.transform(longitude, latitude))
    side = splits.block_km * 1000
    columns, rows = _index(x, side), _index(y, side)
    own = _splits_of(columns, rows, splits, seed)
    near = np.zeros(len(x), dtype=bool)
    if splits.buffer_km > 0:
        stretch = _stretch(longitude, latitude)
        for shift in (-2 * HALF_WORLD_M, 0.0, 2 * HALF_WORLD_M):
            near |= _near_another(x + shift, y, own, stretch, splits, seed)
    blocks = [f"{column}_{row}" for column, row in zip(columns, rows, strict=True)]
    return Placement(blocks, np.where(near, BETWEEN_SPLITS, own).tolist())


def place_by_name(names: Sequence[str], placed: Placement, splits: Splits) -> Placement:
    """Block and split of the samples whose places the settings name; others as they are.

    Args:
        names: Place of each sample.
        placed: Where the grid puts them.
        splits: Of its globs that match, the longest counts: a settings file keeps no order.
    """
    globs = sorted(splits.places, key=lambda glob: (-len(glob), glob))
    chosen = [next((glob for glob in globs if fnmatchcase(name, glob)), "") for name in names]
    pairs = [
        (glob, splits.places[glob]) if glob else own
        for glob, own in zip(chosen, zip(*placed, strict=True), strict=True)
    ]
    return Placement([block for block, _ in pairs], [split for _, split in pairs])


@lru_cache(maxsize=100_000)
def split_of_block(column: int, row: int, train: float, validation: float, seed: int) -> str:
    """The split of one block: a hash of seed and block in [0, 1) against the shares."""
    chance = stream_seed(seed, "split", column, row) / 2**63
    if chance < train:
        return "train"
    return "validation" if chance < train + validation else "test"


def _index(axis: FloatVector, side: float) -> IntVector:
    return np.asarray(np.floor(axis / side), dtype=np.int64)


def _splits_of(
    columns: IntVector, rows: IntVector, splits: Splits, seed: int
) -> npt.NDArray[np.str_]:
    shares = splits.train, splits.validation
    names = [
        split_of_block(int(column), int(row), *shares, seed)
        for column, row in zip(columns, rows, strict=True)
    ]
    return np.array(names, dtype="<U10")


def _stretch(longitude: FloatVector, latitude: FloatVector) -> tuple[FloatVector, FloatVector]:
    """Metres in the plane a metre on the ground, east-west and north-south."""
    factors = pyproj.Proj(EQUAL_AREA).get_factors(longitude, latitude)
    east = np.minimum(np.asarray(factors.parallel_scale), _WIDEST_STRETCH)
    return east, np.asarray(factors.meridional_scale)


def _near_another(
    x: FloatVector,
    y: FloatVector,
    own: npt.NDArray[np.str_],
    stretch: tuple[FloatVector, FloatVector],
    splits: Splits,
    seed: int,
) -> npt.NDArray[np.bool_]:
    """Which positions are nearer than the buffer to a block of another split."""
    side, buffer = splits.block_km * 1000, splits.buffer_km * 1000
    columns, rows = _index(x, side), _index(y, side)
    near = np.zeros(len(x), dtype=bool)
    for across, along in _offsets(stretch, side, buffer):
        west = np.maximum((columns + across) * side, -HALF_WORLD_M)
        east = np.minimum((columns + across + 1) * side, HALF_WORLD_M)
        east_m = _outside(x, west, east) / stretch[0]
        north_m = _outside(y, (rows + along) * side, (rows + along + 1) * side) / stretch[1]
        close = (west < east) & (np.hypot(east_m, north_m) < buffer)
        other = _splits_of(columns + across, rows + along, splits, seed) != own
        near |= close & other
    return near


def _offsets(
    stretch: tuple[FloatVector, FloatVector], side: float, buffer: float
) -> list[tuple[int, int]]:
    """Offsets of all blocks that the buffer can reach."""
    across, along = (int(np.ceil(buffer * axis.max(initial=0) / side)) for axis in stretch)
    return [
        (column, row) for column in range(-across, across + 1) for row in range(-along, along + 1)
    ]


def _outside(axis: FloatVector, low: FloatVector, high: FloatVector) -> FloatVector:
    """Distance to the interval [low, high], 0 inside."""
    return np.maximum(np.maximum(low - axis, axis - high), 0.0)
