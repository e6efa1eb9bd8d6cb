"""The paper's ResNet18."""

from collections.abc import Mapping
from typing import Any

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.resnet import ResNet

DEPTHS = (2, 2, 2, 2)


def build(channels: int, settings: Mapping[str, Any]) -> Encoder:  # noqa: ARG001
    """The encoder, which has no settings (paper, Table 5)."""
    return ResNet(channels, DEPTHS)
