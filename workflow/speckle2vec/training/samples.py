"""What a training sees: samples by their rows, wherever they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from speckle2vec.training.form import Form


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
    """(sample, feature, y, x) in the form they are kept in."""
    form: Form | None = None
    """That form; normalised float32 where it is left out."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Feature, y, x of a patch."""
        return tuple(self.patches.shape[1:])  # type: ignore[return-value]

    def __len__(self) -> int:
        """Samples."""
        return len(self.patches)

    def take(self, rows: Tensor) -> Tensor:
        """Normalised patches of some samples."""
        kept = self.patches[rows.to(self.patches.device)]
        return kept if self.form is None else self.form.given(kept)


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
    """Digest of the pixels, of which sample is in which split, and of the neighbours."""
    neighbours: Path | None = None
    """The table of neighbours, for methods that need it."""
    cubes: str = ""
    """SHA-256 over that of every shard of cubes, as in statistics."""

    @property
    def validated(self) -> int:
        """How many held-out samples there are that are not trained on."""
        return 0 if self.held_out_is_training else len(self.held_out)
