"""The paper's ResNet34."""

from collections.abc import Mapping
from typing import Any

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.resnet import ResNet

DEPTHS = (3, 4, 6, 3)


def build(channels: int, settings: Mapping[str, Any]) -> Encoder:  # noqa: ARG001
    """The encoder, which has no settings (paper, Table 6)."""
    return ResNet(channels, DEPTHS)
