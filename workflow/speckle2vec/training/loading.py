"""Loading the samples of a training: all into memory, or streamed where they are too many."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from speckle2vec.products.cubes import digest_of_cubes, open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.statistics import Statistics
from speckle2vec.progress import LOGGER
from speckle2vec.training.form import Form
from speckle2vec.training.parts import (
    LEAST_SAMPLES,
    MEANING,
    Part,
    check_meaning,
    check_number,
    common_form,
    read_part,
)
from speckle2vec.training.ranks import beside
from speckle2vec.training.samples import HeldSource, Samples, Source
from speckle2vec.training.streamed import READERS, Shelf, StreamedSource


def load_samples(
    keys: Sequence[ShardKey],
    cubes: Path,
    catalogue: Path,
    statistics: Statistics,
    memory_gb: float,
    neighbours: Path | None = None,
    chosen: Mapping[str, str] | None = None,
    drawn: Mapping[str, Any] | None = None,
) -> Samples:
    """The training and held-out samples of some shards.

    They are held in memory where there is room for them on every rank of this machine,
    else read when they are needed, with as many kept as there is room for; a training sees
    the same either way. A batch or two in the making come on top.

    Args:
        keys: The shards that pretraining may see.
        cubes: Folder of the cubes, `results/cubes/{features}`.
        catalogue: Folder of the catalogue's parts, `results/catalogue`.
        statistics: What the features are normalised with.
        memory_gb: The most memory the samples may take.
        neighbours: The table of neighbours, for methods that need it.
        chosen: `train` or `validation` by sample id, for a training on chosen samples; by
            default as in the catalogue, which is then read.
        drawn: By what the catalogue's splits have to be drawn (`Settings.drawn`).

    Raises:
        UserError: Too few samples, or shards whose features do not agree.
    """
    parts = [read_part(key, cubes, catalogue, chosen, drawn) for key in sorted(keys)]
    check_meaning(parts, statistics)
    check_number(parts, chosen is not None)
    held_out_is_training = sum(len(part.positions["validation"]) for part in parts) < LEAST_SAMPLES
    splits = ("train",) if held_out_is_training else ("train", "validation")
    sources = _sources(parts, splits, common_form(parts, statistics, splits), memory_gb / beside())
    return Samples(
        sources["train"],
        sources[splits[-1]],
        held_out_is_training,
        {name: parts[0].attributes.get(name) for name in MEANING},
        _fingerprint(parts, neighbours),
        neighbours,
        digest_of_cubes(part.attributes for part in parts),
    )


def _fingerprint(parts: Sequence[Part], neighbours: Path | None) -> str:
    digests = [part.digest for part in parts]
    if neighbours is not None:
        with neighbours.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _sources(
    parts: Sequence[Part], splits: Sequence[str], form: Form, memory_gb: float
) -> dict[str, Source]:
    """Each split, held or streamed by its measured size."""
    samples = sum(len(part.positions[split]) for part in parts for split in splits)
    room = int(memory_gb * 1e9 / form.sample_bytes)
    if samples <= room:
        return {split: _held(parts, split, form) for split in splits}
    LOGGER.info(
        "%d samples take %.2f GB of memory and `memory_gb` leaves %.2f: they are "
        "streamed, and %d of them kept.",
        samples, samples * form.sample_bytes / 1e9, memory_gb, room,
    )  # fmt: skip
    shelf = Shelf([part.path for part in parts], form, room)
    return {split: _streamed(parts, split, shelf) for split in splits}


def _held(parts: Sequence[Part], split: str, form: Form) -> HeldSource:
    """The samples of one split, read shard beside shard into one array."""
    counts = [len(part.positions[split]) for part in parts]
    stops = np.cumsum(counts)
    patches = np.empty((sum(counts), *form.shape), np.float16 if form.halved else np.float32)

    def fill(index: int) -> None:
        positions = parts[index].positions[split]
        if len(positions):
            start = int(positions[0])
            with open_cubes(parts[index].path) as shard:
                block = shard.read(start, int(positions[-1]) + 1)[positions - start]
            patches[stops[index] - counts[index] : stops[index]] = form.kept(block)

    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(fill, range(len(parts))))
    return HeldSource(*_named(parts, split), torch.from_numpy(patches), form)


def _streamed(parts: Sequence[Part], split: str, shelf: Shelf) -> StreamedSource:
    places = tuple(
        (number, position)
        for number, part in enumerate(parts)
        for position in part.positions[split].tolist()
    )
    return StreamedSource(*_named(parts, split), places, shelf)


def _named(parts: Sequence[Part], split: str) -> tuple[tuple[str, ...], tuple[int, ...], Tensor]:
    """Ids, samples of each shard, and seasons of one split."""
    pairs = [(part, part.positions[split]) for part in parts]
    return (
        tuple(str(name) for part, rows in pairs for name in part.ids[rows]),
        tuple(len(rows) for _, rows in pairs),
        torch.from_numpy(np.concatenate([part.seasons[rows] for part, rows in pairs])),
    )
