"""Samples that are read when they are needed, a bounded number of them kept."""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speckle2vec.products.cubes import CubeShard, open_cubes
from speckle2vec.training.form import Form

READERS = 4
MOST_OPEN = 256
Name = TypeVar("Name")
Thing = TypeVar("Thing")
Place = tuple[int, int]
"""A sample's shard, and its position there."""


class Recent(Generic[Name, Thing]):
    """The things used last, at most so many; threads may share it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._things: OrderedDict[Name, Thing] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._things)

    def find(self, name: Name) -> Thing | None:
        """What is kept by that name."""
        with self._lock:
            if name in self._things:
                self._things.move_to_end(name)
            return self._things.get(name)

    def keep(self, name: Name, thing: Thing) -> None:
        """Keep one more, and let go what was not used for longest."""
        with self._lock:
            self._things[name] = thing
            while len(self._things) > self.most:
                self._things.popitem(last=False)


class OpenShard:
    """A shard that is open as long as someone refers to it."""

    def __init__(self, path: Path) -> None:
        self._stack = ExitStack()
        self.cubes: CubeShard = self._stack.enter_context(open_cubes(path))

    def __del__(self) -> None:
        # Another thread may still read when the shard is no longer among the recent ones.
        self._stack.close()


class Shelf:
    """Reads samples at random from shards; each is one chunk of a zip.

    Args:
        paths: The shards.
        form: How samples are kept.
        most_samples: So many samples are kept for when they are asked for again.
    """

    def __init__(self, paths: Sequence[Path], form: Form, most_samples: int) -> None:
        self.paths = paths
        self.form = form
        self.samples: Recent[Place, npt.NDArray[Any]] = Recent(most_samples)
        self.opened: Recent[int, OpenShard] = Recent(MOST_OPEN)

    def take(self, places: Sequence[Place]) -> npt.NDArray[Any]:
        """Samples (sample, feature, y, x) in the form they are kept in."""
        dtype = np.float16 if self.form.halved else np.float32
        taken = np.empty((len(places), *self.form.shape), dtype)
        missing: defaultdict[int, list[int]] = defaultdict(list)
        for index, place in enumerate(places):
            found = self.samples.find(place)
            if found is None:
                missing[place[0]].append(index)
            else:
                taken[index] = found
        with ThreadPoolExecutor(READERS) as pool:
            list(pool.map(lambda rows: self._read(places, rows, taken), missing.values()))
        return taken

    def _read(
        self, places: Sequence[Place], indices: Sequence[int], taken: npt.NDArray[Any]
    ) -> None:
        """Read what is missing of one shard."""
        positions, order = np.unique([places[index][1] for index in indices], return_inverse=True)
        block = self.form.kept(self._shard(places[indices[0]][0]).cubes.take(positions))
        for index, row in zip(indices, order, strict=True):
            taken[index] = block[row]
            if self.samples.most:
                self.samples.keep(places[index], block[row].copy())

    def _shard(self, number: int) -> OpenShard:
        shard = self.opened.find(number)
        if shard is None:
            shard = OpenShard(self.paths[number])
            self.opened.keep(number, shard)
        return shard


@dataclass(frozen=True)
class StreamedSource:
    """The samples of one split, read when they are taken."""

    ids: tuple[str, ...]
    shards: tuple[int, ...]
    seasons: Tensor
    places: tuple[Place, ...]
    shelf: Shelf

    @property
    def shape(self) -> tuple[int, int, int]:
        """Feature, y, x of a patch."""
        return self.shelf.form.shape

    def __len__(self) -> int:
        """Samples."""
        return len(self.places)

    def take(self, rows: Tensor) -> Tensor:
        """Normalised patches of some samples."""
        kept = self.shelf.take([self.places[row] for row in rows.tolist()])
        return self.shelf.form.given(torch.from_numpy(kept))
