"""What every encoder offers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from torch import Tensor, nn


class Encoder(nn.Module, ABC):
    """A network from cubes (sample, channel, y, x) to embeddings (sample, 1024).

    `feature_map` is what segmentation decodes from, `forward` what is embedded. Sides of
    cubes are multiples of 32.
    """

    width: ClassVar[int] = 1024
    """Numbers an embedding holds."""
    stride: ClassVar[int] = 16
    """Pixels of a cube along one side of a pixel of the map."""
    decodes_map: ClassVar[bool] = False
    """Whether a decoder of images starts from the map; else from the embedding."""
    segments: ClassVar[bool] = True
    """Whether a decoder can tell pixels from the map: it has places, `stride` pixels apart."""
    map_channels: int
    """Channels of the map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    @abstractmethod
    def feature_map(self, cubes: Tensor, seasons: Tensor | None = None) -> Tensor:
        """The last map before pooling, (sample, map channel, y / stride, x / stride).

        Args:
            cubes: Normalised cubes, (sample, channel, y, x).
            seasons: Of the samples' dates (`products.seasons`), (sample, 4); 0 where they
                are left out. Most encoders pass over them.
        """

    @abstractmethod
    def pool(self, maps: Tensor) -> Tensor:
        """Embeddings (sample, 1024) of feature maps."""

    def fit(self, blocks: Iterable[Tensor]) -> None:
        """Learn from blocks of training cubes without gradients; most encoders do not.

        Args:
            blocks: Normalised cubes (sample, channel, y, x), block after block.
        """

    def forward(self, cubes: Tensor, seasons: Tensor | None = None) -> Tensor:
        """Embeddings, (sample, 1024)."""
        return self.pool(self.feature_map(cubes, seasons))
