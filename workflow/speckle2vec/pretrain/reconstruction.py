"""The way from an encoder back towards images, for the methods that reconstruct."""

from abc import abstractmethod

from torch import Tensor, nn

from speckle2vec.networks.base import Encoder
from speckle2vec.settings.methods import DecodingSection
from speckle2vec.training.method import Method

WIDENING = 16
"""Pixels of an image along one side of a pixel of the map that `Decoder` widens."""


class DecodingMethod(Method):
    """A method that decodes images, so that what it has beside the encoder is worth keeping.

    The embedding of the ResNets is their map pooled without weights, so the map is decoded,
    as in the paper; that of `cnn-transformer` ends in a linear layer, so by default the
    embedding is, and every weight of it is trained.

    Args:
        encoder: The network to train.
        settings: What of it is decoded.
        side: Side of the images, pixels.

    Raises:
        ValueError: A pixel of the map stands for another number of pixels than 16, so that
            `Decoder` would not bring it back to the images' side.
    """

    def __init__(self, encoder: Encoder, settings: DecodingSection, side: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.side = side
        self.from_map = encoder.decodes_map or settings.decodes == "map"
        if self.from_map and encoder.stride != WIDENING:
            raise ValueError(f"A map of stride {encoder.stride} is no map of stride {WIDENING}.")

    def encoded(self, cubes: Tensor, seasons: Tensor) -> Tensor:
        """What images are decoded from.

        Args:
            cubes: Normalised, (sample, channel, y, x).
            seasons: Of the samples' dates, (sample, 4).

        Returns:
            Maps (sample, map channel, y / 16, x / 16), or embeddings (sample, 1024).
        """
        if self.from_map:
            return self.encoder.feature_map(cubes, seasons)
        return self.encoder(cubes, seasons)  # type: ignore[no-any-return]

    def map_of(self, channels: int) -> nn.Module:
        """One linear layer from `encoded` to maps (sample, channels, y / 16, x / 16).

        On maps a 1x1 convolution (paper, section 3.2); on embeddings a linear layer, whose
        weights belong to one side of the images.
        """
        if self.from_map:
            return nn.Conv2d(self.encoder.map_channels, channels, kernel_size=1)
        side = self.side // WIDENING
        return nn.Sequential(
            nn.Linear(self.encoder.width, channels * side**2),
            nn.Unflatten(1, (channels, side, side)),
        )

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
