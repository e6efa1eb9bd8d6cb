"""The paper's ResNet18 with attention."""

from collections.abc import Mapping
from typing import Any

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.resnet import ResNet

DEPTHS = (2, 2, 2, 2)


def build(channels: int, settings: Mapping[str, Any]) -> Encoder:  # noqa: ARG001
    """The encoder, which has no settings (paper, Table 7)."""
    return ResNet(channels, DEPTHS, attention=True)
