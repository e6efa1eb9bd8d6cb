"""What a pretraining method gives the engine, and what it gets."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from torch import Tensor, nn

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.crops import crop
from speckle2vec.training.draws import Draws, random_corners
from speckle2vec.training.samples import Samples, Source

LEAST_BATCH = 8


@dataclass(frozen=True)
class Batch:
    """What one step sees on this rank. All tensors are on the device."""

    source: Source
    """The split the samples are of."""
    rows: Tensor
    """The samples' places in the source, (sample)."""
    patches: Tensor
    """Whole normalised patches, (sample, feature, y, x)."""
    corners: Tensor
    """First row and column of each sample's crop in its patch, (sample, 2)."""
    size: int
    """Side of the crops, pixels."""
    seasons: Tensor
    """Of the samples' dates (`products.seasons`), (sample, 4)."""
    epoch: int
    """Counted from 0; held-out samples are measured as in the last epoch."""
    draws: Draws
    """The step's own random numbers."""

    @cached_property
    def cubes(self) -> Tensor:
        """The crops, (sample, feature, size, size); whole patches that are no larger."""
        return crop(self.patches, self.corners, self.size)

    def others(self, rows: Tensor) -> Tensor:
        """Crops at random corners of other samples of the same split, one a row."""
        patches = self.source.take(rows).to(self.patches.device)
        return crop(patches, random_corners(patches, self.size, self.draws), self.size)


class Method(nn.Module, ABC):
    """An encoder with whatever else is trained beside it, and their loss.

    Every parameter of the module is trained; only `encoder` is kept.
    """

    encoder: Encoder
    learns: ClassVar[bool] = True
    """Whether there is anything to train."""
    embeds: ClassVar[bool] = True
    """Whether embeddings are what it is about: their health is measured, and a training
    whose embeddings collapse is stopped."""

    def attach(self, samples: Samples) -> None:
        """Look at the samples once, before training."""

    def judge(self, batch: Batch) -> tuple[float, float]:
        """Loss of a held-out batch, and how much it counts; one of few samples does not."""
        if len(batch.rows) < LEAST_BATCH:
            return 0.0, 0.0
        return float(self(batch)), 1.0

    @abstractmethod
    def forward(self, batch: Batch) -> Tensor:
        """The loss of a batch, a scalar; on several ranks the mean of theirs counts."""
