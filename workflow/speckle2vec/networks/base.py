"""What every encoder offers."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn


class Encoder(nn.Module, ABC):
    """A network from cubes (sample, channel, y, x) to embeddings (sample, 1024).

    `feature_map` is what segmentation decodes from, `forward` what is embedded.
    """

    width: ClassVar[int] = 1024
    """Numbers an embedding holds."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    @abstractmethod
    def feature_map(self, cubes: Tensor) -> Tensor:
        """The last map before pooling, (sample, feature, y, x)."""

    @abstractmethod
    def forward(self, cubes: Tensor) -> Tensor:
        """Embeddings, (sample, 1024)."""
