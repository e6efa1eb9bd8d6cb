"""No pretraining: the encoder as it is initialised, saved by the same road."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import torch
from torch import Tensor

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.crops import centres, crop
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.method import Batch, Method
from speckle2vec.training.samples import Samples, Source


def build(
    encoder: Encoder,
    settings: Pretrain,  # noqa: ARG001
    features: Sequence[str],  # noqa: ARG001
    side: int,
) -> "UntrainedMethod":
    """The method, which has no settings."""
    return UntrainedMethod(encoder, side)


BLOCK = 64


class UntrainedMethod(Method):
    """What every table needs beside the methods that learn (FACTS: untrained is no zero)."""

    learns: ClassVar[bool] = False

    def __init__(self, encoder: Encoder, side: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.side = side

    def attach(self, samples: Samples) -> None:
        """Fit the encoders that are computed and not trained, such as principal components."""
        self.encoder.fit(_blocks(samples.train, self.side))

    def forward(self, batch: Batch) -> Tensor:
        """There is no loss."""
        raise NotImplementedError("`none` has no loss.")


def _blocks(source: Source, side: int) -> Iterator[Tensor]:
    """The centres of all samples, a block at a time."""
    for rows in torch.split(torch.arange(len(source)), BLOCK):
        patches = source.take(rows)
        yield crop(patches, centres(patches, side), side)
