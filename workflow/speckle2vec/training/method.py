"""What a pretraining method gives the engine."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Generator, Tensor, nn

from speckle2vec.networks.base import Encoder


@dataclass(frozen=True)
class Batch:
    """What one step sees."""

    cubes: Tensor
    """Normalised samples, (sample, feature, y, x), on the device."""
    rows: Tensor
    """Their rows among the training samples (or the held-out ones)."""
    epoch: int
    """Counted from 0."""
    generator: Generator
    """The step's own stream, on the device: views draw from it."""


class Method(nn.Module, ABC):
    """An encoder with whatever else is trained beside it, and their loss.

    Every parameter of the module is trained; only `encoder` is kept.
    """

    encoder: Encoder

    @abstractmethod
    def forward(self, batch: Batch) -> Tensor:
        """The loss of a batch, a scalar."""
