"""The samples pretraining sees, normalised and held in memory once."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speckle2vec.errors import UserError
from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.encoders import FloatArray, differ, normalise
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.seasons import seasons_of
from speckle2vec.products.statistics import Statistics

LEAST_SAMPLES = 8
MEANING = ("features", "units", "calibration", "recipe")
READERS = 4


class Source(Protocol):
    """The samples of one split."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids."""
        ...

    @property
    def shards(self) -> tuple[int, ...]:
        """How many of them each shard holds, in order."""
        ...

    @property
    def seasons(self) -> Tensor:
        """Of their dates (`products.seasons`), (sample, 4)."""
        ...

    @property
    def shape(self) -> tuple[int, int, int]:
        """Feature, y, x of a patch."""
        ...

    def __len__(self) -> int:
        """Samples."""
        ...

    def take(self, rows: Tensor) -> Tensor:
        """Normalised patches (sample, feature, y, x), float32, of some samples."""
        ...


@dataclass(frozen=True)
class HeldSource:
    """The samples of one split, all in memory."""

    ids: tuple[str, ...]
    shards: tuple[int, ...]
    seasons: Tensor
    patches: Tensor
    """Normalised, (sample, feature, y, x), float32."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Feature, y, x of a patch."""
        return tuple(self.patches.shape[1:])  # type: ignore[return-value]

    def __len__(self) -> int:
        """Samples."""
        return len(self.patches)

    def take(self, rows: Tensor) -> Tensor:
        """Normalised patches of some samples."""
        return self.patches[rows.to(self.patches.device)]


@dataclass(frozen=True)
class Samples:
    """What a training sees."""

    train: Source
    """Samples of the training blocks."""
    held_out: Source
    """Samples of the validation blocks; of the training blocks where those are too few."""
    held_out_is_training: bool
    """Whether health has to be measured on training samples."""
    attributes: Mapping[str, Any]
    """What the cubes mean: `features`, `units`, `calibration`, `recipe`."""
    fingerprint: str
    """Digest of the pixels and of which sample is in which split."""
    neighbours: Path | None = None
    """The table of neighbours, for methods that need it."""


@dataclass(frozen=True)
class _Part:
    """One shard before its pixels are read."""

    path: Path
    attributes: Mapping[str, Any]
    shape: tuple[int, ...]
    positions: Mapping[str, npt.NDArray[np.int64]]
    ids: npt.NDArray[np.str_]
    seasons: npt.NDArray[np.float32]

    @property
    def digest(self) -> str:
        chosen = {split: rows.tolist() for split, rows in self.positions.items()}
        return f"{self.attributes.get('sha256')} {chosen}"


def load_samples(
    keys: Sequence[ShardKey],
    cubes: Path,
    catalogue: Path,
    statistics: Statistics,
    memory_gb: float,
    neighbours: Path | None = None,
) -> Samples:
    """Read the training and held-out samples of some shards.

    Args:
        keys: The shards that pretraining may see.
        cubes: Folder of the cubes, `results/cubes/{features}`.
        catalogue: Folder of the catalogue's parts, `results/catalogue`.
        statistics: What the features are normalised with.
        memory_gb: The most memory the samples may take.
        neighbours: The table of neighbours, for methods that need it.

    Raises:
        UserError: Too few or too many samples, or shards whose features do not agree.
    """
    parts = [_part(key, cubes, catalogue) for key in sorted(keys)]
    _check_meaning(parts, statistics)
    train = sum(len(part.positions["train"]) for part in parts)
    _check_number(train, len(parts))
    held_out_is_training = sum(len(part.positions["validation"]) for part in parts) < LEAST_SAMPLES
    splits = ("train",) if held_out_is_training else ("train", "validation")
    _check_memory(parts, splits, memory_gb)
    read = {split: _held(parts, split, statistics) for split in splits}
    return Samples(
        read["train"],
        read[splits[-1]],
        held_out_is_training,
        {name: parts[0].attributes.get(name) for name in MEANING},
        hashlib.sha256("\n".join(part.digest for part in parts).encode()).hexdigest(),
        neighbours,
    )


def _part(key: ShardKey, cubes: Path, catalogue: Path) -> _Part:
    path = key.part(cubes, ".zarr.zip")
    rows = accepted(read_catalogue(key.part(catalogue, ".parquet"), ["row", "split", "verdict"]))
    split_of = dict(zip(rows["row"].to_pylist(), rows["split"].to_pylist(), strict=True))
    with open_cubes(path) as shard:
        splits = np.array([split_of.get(int(row)) or "" for row in shard.rows], dtype=np.str_)
        positions = {name: np.flatnonzero(splits == name) for name in ("train", "validation")}
        return _Part(
            path, shard.attributes, tuple(shard.cubes.shape[1:]), positions,
            np.array(shard.sample_ids, dtype=np.str_), seasons_of(shard.dates),
        )  # fmt: skip


def _held(parts: Sequence[_Part], split: str, statistics: Statistics) -> HeldSource:
    chosen = [part.positions[split] for part in parts]
    pairs = list(zip(parts, chosen, strict=True))
    return HeldSource(
        ids=tuple(str(name) for part, rows in pairs for name in part.ids[rows]),
        shards=tuple(map(len, chosen)),
        seasons=torch.from_numpy(np.concatenate([part.seasons[rows] for part, rows in pairs])),
        patches=_read(parts, split, statistics),
    )


def _read(parts: Sequence[_Part], split: str, statistics: Statistics) -> Tensor:
    """The samples of one split, read shard beside shard into one array."""
    counts = [len(part.positions[split]) for part in parts]
    stops = np.cumsum(counts)
    samples = np.empty((sum(counts), *parts[0].shape), np.float32)

    def fill(index: int) -> None:
        part = parts[index]
        if counts[index]:
            target = samples[stops[index] - counts[index] : stops[index]]
            target[:] = _read_part(part, split, statistics)

    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(fill, range(len(parts))))
    return torch.from_numpy(samples)


def _read_part(part: _Part, split: str, statistics: Statistics) -> FloatArray:
    positions = part.positions[split]
    start = int(positions[0])
    with open_cubes(part.path) as shard:
        block = shard.read(start, int(positions[-1]) + 1)
    return normalise(block[positions - start], statistics)


def _check_meaning(parts: Sequence[_Part], statistics: Statistics) -> None:
    """All shards, and the statistics, must mean the same by their numbers."""
    first = {name: parts[0].attributes.get(name) for name in MEANING} if parts else {}
    by_statistics = {
        "features": list(statistics.features),
        "units": statistics.units,
        "calibration": statistics.calibration,
    }
    for part in parts:
        found = {**part.attributes, "features": list(part.attributes.get("features", []))}
        told = [differ(name, first, found) for name in first]
        told += [differ(name, by_statistics, found) for name in by_statistics]
        if any(told):
            raise UserError(
                f"{part.path}: cannot be trained on together with {parts[0].path}: "
                f"{'; '.join(dict.fromkeys(filter(None, told)))}. "
                "Leave one of the two out in `pretrain.shards`."
            )
        if part.shape != parts[0].shape:
            raise UserError(
                f"{part.path}: its cubes are {part.shape}, those of {parts[0].path} "
                f"{parts[0].shape}; leave one of the two out in `pretrain.shards`."
            )


def _check_number(samples: int, shards: int) -> None:
    if samples < LEAST_SAMPLES:
        raise UserError(
            f"Pretraining finds {samples} samples in the training blocks of {shards} shards and "
            f"needs at least {LEAST_SAMPLES}; raise `splits.train`, lower `splits.block_km` or "
            "`splits.buffer_km`, or let `pretrain.shards` name more shards."
        )


def _check_memory(parts: Sequence[_Part], splits: Sequence[str], memory_gb: float) -> None:
    samples = sum(len(part.positions[split]) for part in parts for split in splits)
    needed = samples * int(np.prod(parts[0].shape)) * 4 / 1e9
    if needed > memory_gb:
        raise UserError(
            f"{samples} samples take {needed:.1f} GB of memory and `pretrain.memory_gb` allows "
            f"{memory_gb:g}; raise it, or let `pretrain.shards` name fewer shards."
        )
