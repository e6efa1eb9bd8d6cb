"""The way from an encoder back towards images, for the methods that reconstruct."""

from abc import abstractmethod

from torch import Tensor, nn

from speckle2vec.networks.base import Encoder
from speckle2vec.training.method import Method

WIDENING = 16
"""Pixels of an image along one side of a pixel of the map that `Decoder` widens."""


class DecodingMethod(Method):
    """A method that decodes images, so that what it has beside the encoder is worth keeping.

    Args:
        encoder: The network to train.
        side: Side of the images, pixels.
    """

    def __init__(self, encoder: Encoder, side: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.side = side

    @abstractmethod
    def code(self, cubes: Tensor, seasons: Tensor) -> Tensor:
        """The fewest numbers on the way that an image is decoded from, (sample, number).

        Args:
            cubes: Normalised, (sample, channel, side, side).
            seasons: Of the samples' dates, (sample, 4).
        """

    @abstractmethod
    def images(self, code: Tensor) -> Tensor:
        """Images (sample, channel, side, side), normalised, of what `code` gives."""

    @property
    @abstractmethod
    def starts_from(self) -> str:
        """What those numbers are: `embedding`, `map` or `latent`."""


def code_of(encoder: Encoder, cubes: Tensor, seasons: Tensor) -> Tensor:
    """What images are decoded from, so that every weight of the embedding is trained.

    The embedding of the ResNets is their map pooled without weights, so the map is decoded,
    as in the paper; that of `cnn-transformer` ends in a linear layer, so the embedding is.

    Args:
        encoder: The encoder.
        cubes: Normalised, (sample, channel, y, x).
        seasons: Of the samples' dates, (sample, 4).

    Returns:
        Maps (sample, map channel, y / 16, x / 16), or embeddings (sample, 1024).
    """
    if encoder.decodes_map:
        return encoder.feature_map(cubes, seasons)
    return encoder(cubes, seasons)  # type: ignore[no-any-return]


class MapOf(nn.Module):
    """One linear layer from a code (`code_of`) to maps (sample, channels, y / 16, x / 16).

    Where the code is a map: a 1x1 convolution (paper, section 3.2); where it is an
    embedding: a linear layer, whose weights belong to one side of the images.

    Args:
        encoder: The encoder that gives the code.
        channels: Channels of the maps.
        side: Side of the images, pixels.

    Raises:
        ValueError: Maps of the encoder do not become images by `Decoder`.
    """

    def __init__(self, encoder: Encoder, channels: int, side: int) -> None:
        super().__init__()
        check_stride(encoder)
        self.layer = _layer(encoder, channels, side // WIDENING)
        self.shape = (channels, side // WIDENING, side // WIDENING)

    def forward(self, code: Tensor) -> Tensor:
        """(sample, channels, y / 16, x / 16)."""
        values: Tensor = self.layer(code)
        return values if values.ndim == 4 else values.view(-1, *self.shape)


def check_stride(encoder: Encoder) -> None:
    """Refuse an encoder whose maps `Decoder` would not bring back to the images' side.

    Raises:
        ValueError: A pixel of its map stands for another number of pixels than 16.
    """
    if encoder.decodes_map and encoder.stride != WIDENING:
        raise ValueError(f"A map of stride {encoder.stride} is no map of stride {WIDENING}.")


def _layer(encoder: Encoder, channels: int, side: int) -> nn.Module:
    if encoder.decodes_map:
        return nn.Conv2d(encoder.map_channels, channels, kernel_size=1)
    return nn.Linear(encoder.width, channels * side * side)
