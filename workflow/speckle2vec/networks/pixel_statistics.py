"""An encoder that learns nothing: how the pixels of each feature are distributed."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from speckle2vec.errors import UserError
from speckle2vec.networks.base import Encoder

QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
MOST_CHANNELS = 33


def build(channels: int, settings: Mapping[str, Any]) -> Encoder:  # noqa: ARG001
    """The encoder, which has no settings.

    Raises:
        UserError: There are more features than an embedding has room for.
    """
    if channels > MOST_CHANNELS:
        raise UserError(
            f"`pixel-statistics` has room for {MOST_CHANNELS} features and the cubes have "
            f"{channels}; use `random-convolutions` or `pca` as the encoder that learns nothing."
        )
    return PixelStatistics(channels)


class PixelStatistics(Encoder):
    """What a table of pixels tells: no weights, and no pixel knows its neighbours.

    In this order: of each feature the mean, the standard deviation and the skewness (all
    means first); nine quantiles from 1 to 99 percent, interpolated linearly, feature by
    feature; the correlation of each pair of features; zeros up to 1024. The skewness and
    the correlations of a constant feature are 0. With 12 features that is 210 numbers,
    with 14 features 259.
    """

    stride = 1
    segments = False

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.map_channels = channels

    def feature_map(self, cubes: Tensor, seasons: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """The cubes themselves."""
        return cubes

    def pool(self, maps: Tensor) -> Tensor:
        """The statistics of the pixels, (sample, 1024)."""
        pixels = maps.flatten(2)
        deviation, mean = torch.std_mean(pixels, dim=2, correction=0)
        standard = (pixels - mean[:, :, None]) / _nonzero(deviation)[:, :, None]
        skewness = standard.pow(3).mean(dim=2)
        parts = [mean, deviation, skewness, quantiles(pixels).flatten(1), _correlations(standard)]
        listed = torch.cat(parts, dim=1)
        return functional.pad(listed, (0, self.width - listed.shape[1]))


def quantiles(pixels: Tensor) -> Tensor:
    """The nine quantiles of each channel, (sample, channel, 9).

    By sorting: `torch.quantile` takes no more than 16 million values.

    Args:
        pixels: (sample, channel, pixel).
    """
    ordered = pixels.sort(dim=2).values
    places = torch.tensor(QUANTILES, device=pixels.device) * (pixels.shape[2] - 1)
    below = places.long()
    above = (below + 1).clamp(max=pixels.shape[2] - 1)
    return torch.lerp(ordered[:, :, below], ordered[:, :, above], (places - below).to(pixels))


def _correlations(standard: Tensor) -> Tensor:
    """Correlations of pairs of standardised channels, (sample, pair)."""
    matrix = standard @ standard.transpose(1, 2) / standard.shape[2]
    rows, columns = torch.triu_indices(standard.shape[1], standard.shape[1], offset=1)
    return matrix[:, rows, columns]


def _nonzero(deviation: Tensor) -> Tensor:
    return torch.where(deviation > 0, deviation, 1)
