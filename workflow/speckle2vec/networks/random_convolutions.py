"""An encoder that learns nothing: averages of random filters."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from speckle2vec.networks.base import Encoder

SIDE = 3
PIECE_BYTES = 2**26


def build(channels: int, settings: Mapping[str, Any]) -> Encoder:  # noqa: ARG001
    """The encoder, which has no settings; its filters are drawn from torch's generator."""
    return RandomConvolutions(channels)


class RandomConvolutions(Encoder):
    """Random convolutional features (Rolf et al. 2021, MOSAIKS, Nature Communications 12:4392).

    512 filters of 3x3 pixels and all features, normally distributed and scaled so that
    white pixels of variance 1 give responses of variance 1; ReLU of the response and of
    its negative; the mean over the image. MOSAIKS cuts its filters from images; here they
    depend on the seed alone. They are buffers: nothing trains them, the encoder file
    keeps them.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.map_channels = self.width
        drawn = torch.randn(self.width // 2, channels, SIDE, SIDE)
        self.filters: Tensor
        self.register_buffer("filters", drawn / math.sqrt(channels * SIDE * SIDE))

    def feature_map(self, cubes: Tensor, seasons: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Means over squares of 16 x 16 pixels, (sample, 1024, y / 16, x / 16).

        A few samples at a time: the responses are 85 times as large as the cubes.
        """
        sample_bytes = self.width * cubes.shape[2] * cubes.shape[3] * cubes.element_size()
        pieces = torch.split(cubes, max(PIECE_BYTES // sample_bytes, 1))
        return torch.cat([self._responses(piece) for piece in pieces])

    def pool(self, maps: Tensor) -> Tensor:
        """Means over the image, (sample, 1024)."""
        return maps.mean(dim=(2, 3))

    def _responses(self, cubes: Tensor) -> Tensor:
        """The mean of ReLU(-r) is that of ReLU(r) less that of r, which saves a pass."""
        padded = functional.pad(cubes, (1, 1, 1, 1), mode="replicate")
        padded = padded.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            response = functional.conv2d(padded, self.filters)
            level = functional.avg_pool2d(response, self.stride)
            positive = functional.avg_pool2d(response.relu_(), self.stride)
        return torch.cat([positive, (positive - level).clamp(min=0)], dim=1)
