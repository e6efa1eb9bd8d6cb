"""The paper's encoders: residual networks without a pooling layer behind the stem."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from speckle2vec.networks.attention import SelfAttention
from speckle2vec.networks.base import Encoder
from speckle2vec.networks.pooling import mean_std

WIDTHS = (64, 128, 256, 512)


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016, arXiv:1512.03385; Table 2).

    (sample, inputs, y, x) -> (sample, outputs, y / stride, x / stride).
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = _shortcut(inputs, outputs, stride)

    def forward(self, maps: Tensor) -> Tensor:
        """ReLU of the sum of both."""
        return torch.relu(self.residual(maps) + self.shortcut(maps))


class ResNet(Encoder):
    """ResNet of basic blocks, with attention where asked for (paper, Tables 5 to 7).

    A 7x7 stem of stride 2 without pooling; the first blocks of layers 2 to 4 have stride
    2, so a pixel of the map stands for 16 x 16 of the cube. The embedding is the mean and
    the standard deviation of each of the 512 channels: no parameters of its own, so the
    printed counts hold. The paper's "Softmax" behind layer 4 is a misprint (FACTS 3).

    Weights start as PyTorch draws them. He et al.'s initialisation, made for training,
    gave worse untrained embeddings (land cover on the demo corpus by ridge regression:
    0.58 instead of 0.67; ResNet34 0.57 instead of 0.66), since batch normalisation does
    nothing before it has seen data and the residual branches then drown the shortcuts.

    Args:
        channels: Features of the cubes.
        depths: Blocks of the four layers.
        attention: Whether attention follows layers 3 and 4.
    """

    decodes_map = True

    def __init__(self, channels: int, depths: Sequence[int], attention: bool = False) -> None:
        super().__init__(channels)
        self.map_channels = WIDTHS[-1]
        self.stem = nn.Conv2d(channels, WIDTHS[0], 7, stride=2, padding=3, bias=False)
        self.normalise = nn.BatchNorm2d(WIDTHS[0])
        self.layer1 = _layer(WIDTHS[0], WIDTHS[0], depths[0], stride=1)
        self.layer2 = _layer(WIDTHS[0], WIDTHS[1], depths[1], stride=2)
        self.layer3 = _layer(WIDTHS[1], WIDTHS[2], depths[2], stride=2)
        self.attention3 = SelfAttention(WIDTHS[2]) if attention else nn.Identity()
        self.layer4 = _layer(WIDTHS[2], WIDTHS[3], depths[3], stride=2)
        self.attention4 = SelfAttention(WIDTHS[3]) if attention else nn.Identity()

    def feature_map(self, cubes: Tensor, seasons: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """The map of the last layer, (sample, 512, y / 16, x / 16)."""
        maps = torch.relu(self.normalise(self.stem(cubes)))
        maps = self.attention3(self.layer3(self.layer2(self.layer1(maps))))
        return self.attention4(self.layer4(maps))  # type: ignore[no-any-return]

    def pool(self, maps: Tensor) -> Tensor:
        """Mean and standard deviation of each channel, (sample, 1024)."""
        return mean_std(maps)


def _layer(inputs: int, outputs: int, depth: int, stride: int) -> nn.Sequential:
    later = (Block(outputs, outputs, 1) for _ in range(depth - 1))
    return nn.Sequential(Block(inputs, outputs, stride), *later)


def _shortcut(inputs: int, outputs: int, stride: int) -> nn.Module:
    """A projection where the shape changes, else nothing."""
    if (inputs, stride) == (outputs, 1):
        return nn.Identity()
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
    )
