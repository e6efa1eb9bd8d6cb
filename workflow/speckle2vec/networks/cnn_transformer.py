"""The report's encoder: four convolutions, two Transformer layers, a mean, a linear layer."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.dropout import Dropout
from speckle2vec.networks.pooling import mean_std
from speckle2vec.networks.positions import sinusoids
from speckle2vec.settings.training import CnnTransformer

WIDTHS = (64, 128, 256, 512)
TOKEN = 128
LAYERS = 2
HEADS = 8
FEED_FORWARD = 2048
SEASONS = 4


def build(channels: int, settings: Mapping[str, Any]) -> Encoder:
    """The encoder with given settings of the group `cnn_transformer`."""
    return CnnTransformerEncoder(channels, CnnTransformer(**settings))


class CnnTransformerEncoder(Encoder):
    """CNN + Transformer (report, section 4).

    Four 3x3 convolutions of stride 2, each with batch normalisation and ReLU, 64 to
    512 channels; every pixel of the last map becomes a token of 128 numbers; two
    Transformer layers of 8 heads (Vaswani et al. 2017, arXiv:1706.03762), normalised
    after each part, without positions; the mean token, and a linear layer to 1024.

    The report leaves the width of the feed-forward parts open: 2048, as in PyTorch.
    The convolutions have no bias, which batch normalisation would take away again.
    The embedding is linear in 128 numbers, so its rank is at most 128, plus the bias; with the
    tokens' deviations beside their mean twice that.

    The report's future work, off unless a setting asks for it: tokens are told where they
    are and which season it is, each by a linear layer whose output is added before the
    Transformer; and the standard deviation of the tokens counts beside their mean. What
    is off has no parameters. Places and seasons start from weights of 0, so the network
    starts as the one without them: drawn weights would drown the tokens of an untrained
    network, whose embeddings then all were alike (mean cosine 1.000, without 0.980).
    """

    def __init__(self, channels: int, settings: CnnTransformer) -> None:
        super().__init__(channels)
        self.map_channels = TOKEN
        self.spread = settings.pooling == "mean-std"
        widths = (channels, *WIDTHS)
        pairs = zip(widths, WIDTHS, strict=False)
        self.convolutions = nn.Sequential(*(_convolution(*pair) for pair in pairs))
        self.project = nn.Linear(WIDTHS[-1], TOKEN)
        self.transformer = nn.Sequential(*(_layer(settings.dropout) for _ in range(LAYERS)))
        self.embed = nn.Linear(2 * TOKEN if self.spread else TOKEN, self.width)
        self.places = _silent(TOKEN) if settings.positions else None
        self.seasons = _silent(SEASONS) if settings.seasons else None

    def feature_map(self, cubes: Tensor, seasons: Tensor | None = None) -> Tensor:
        """The tokens in their places, (sample, 128, y / 16, x / 16)."""
        maps: Tensor = self.convolutions(cubes)
        tokens = self.project(maps.flatten(2).transpose(1, 2))
        if self.places is not None:
            known = sinusoids(maps.shape[2], maps.shape[3], TOKEN, maps.device)
            tokens = tokens + self.places(known)
        if self.seasons is not None and seasons is not None:
            tokens = tokens + self.seasons(seasons.to(tokens))[:, None]
        tokens = self.transformer(tokens)
        return tokens.transpose(1, 2).unflatten(2, maps.shape[-2:])  # type: ignore[no-any-return]

    def pool(self, maps: Tensor) -> Tensor:
        """The tokens' mean, or mean and deviation, made 1024 numbers by a linear layer."""
        pooled = mean_std(maps) if self.spread else maps.mean(dim=(2, 3))
        return self.embed(pooled)  # type: ignore[no-any-return]


def _silent(inputs: int) -> nn.Linear:
    """A linear layer to a token that says nothing before it is trained."""
    layer = nn.Linear(inputs, TOKEN, bias=False)
    nn.init.zeros_(layer.weight)
    return layer


def _convolution(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel_size=3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _layer(dropout: float) -> nn.TransformerEncoderLayer:
    layer = nn.TransformerEncoderLayer(TOKEN, HEADS, FEED_FORWARD, dropout, batch_first=True)
    for name in ("dropout", "dropout1", "dropout2"):
        setattr(layer, name, Dropout(dropout))
    return layer
