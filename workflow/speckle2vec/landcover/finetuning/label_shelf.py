"""Labels of single samples, read when they are needed, a bounded number of them kept."""

import hashlib
from collections.abc import Container, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from speckle2vec.landcover.finetuning.fits import Side, as_cube
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import ClassArray, LabelShard, open_labels
from speckle2vec.products.patches import kept
from speckle2vec.training.streamed import MOST_OPEN, Recent


@dataclass(frozen=True)
class LabelPlace:
    """Where the labels of a sample stand, and on what grid."""

    path: Path
    position: int
    shape: Side
    """Height and width of the sample's own grid."""


@dataclass(frozen=True)
class CubeGrid:
    """The pixels of patches that a training holds, for labels to be laid on them."""

    cube: Side
    """Height and width of the cubes of a shard."""
    patch: Side
    """Height and width of their centre that is held."""


class OpenLabels:
    """A shard of labels that is open as long as someone refers to it."""

    def __init__(self, path: Path) -> None:
        self._stack = ExitStack()
        self.shard: LabelShard = self._stack.enter_context(open_labels(path))

    def __del__(self) -> None:
        self._stack.close()


class LabelShelf:
    """Labels by sample id.

    Args:
        places: Where they stand.
        room: So many bytes of them may be kept for when they are asked for again.
        grids: Where labels shall be as a training's patches are, its grid by path of the
            labels; where there is none they are given on the sample's own grid.
    """

    def __init__(
        self,
        places: Mapping[str, LabelPlace],
        room: int,
        grids: Mapping[Path, CubeGrid],
    ) -> None:
        self.places, self.grids = places, grids
        largest = max((place.shape[0] * place.shape[1] for place in places.values()), default=1)
        self._kept: Recent[str, ClassArray] = Recent(max(room // largest, 1))
        self._opened: Recent[Path, OpenLabels] = Recent(MOST_OPEN)

    def take(self, names: Sequence[str]) -> list[ClassArray]:
        """Labels (y, x) of some samples, in their order."""
        return [self._labels(name) for name in names]

    def _labels(self, name: str) -> ClassArray:
        found = self._kept.find(name)
        if found is None:
            found = self._read(self.places[name])
            self._kept.keep(name, found)
        return found

    def _read(self, place: LabelPlace) -> ClassArray:
        opened = self._opened.find(place.path)
        if opened is None:
            opened = OpenLabels(place.path)
            self._opened.keep(place.path, opened)
        labels = opened.shard.read(place.position)
        grid = self.grids.get(place.path)
        if grid is None:
            return labels
        rows, columns = (kept(*sides) for sides in zip(grid.cube, grid.patch, strict=True))
        return as_cube(labels, grid.cube)[rows, columns]


def places_of(
    keys: Sequence[ShardKey], labels: Path, chosen: Container[str]
) -> dict[str, LabelPlace]:
    """Where the labels of the chosen samples stand.

    Raises:
        UserError: A shard of labels is missing or damaged.
    """
    places = {}
    for key in sorted(keys):
        path = key.part(labels, ".zarr.zip")
        with open_labels(path, key) as shard:
            for position, name in enumerate(shard.sample_ids):
                if name in chosen:
                    height, width = map(int, shard.shapes[position])
                    places[name] = LabelPlace(path, position, (height, width))
    return places


def digest_of(places: Mapping[str, LabelPlace]) -> str:
    """Digest of the shards that hold the labels."""
    digest = hashlib.sha256()
    for path in sorted({place.path for place in places.values()}):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
