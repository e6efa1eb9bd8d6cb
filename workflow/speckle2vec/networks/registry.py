"""Encoders by name."""

import importlib
from collections.abc import Mapping
from typing import Any

import torch

from speckle2vec.choices import encoder_module
from speckle2vec.networks.base import Encoder
from speckle2vec.provenance import stream_seed


def build_encoder(name: str, channels: int, settings: Mapping[str, Any], seed: int) -> Encoder:
    """A new encoder whose weights depend on its arguments alone.

    Torch's own random state is left as it was.

    Args:
        name: Such as `cnn-transformer`; only its own module is imported.
        channels: Features of the cubes.
        settings: The encoder's own settings by name; empty for its defaults.
        seed: The seed in the settings.

    Raises:
        UserError: There is no such encoder.
    """
    module = importlib.import_module(encoder_module(name))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(stream_seed(seed, "weights", name))
        encoder: Encoder = module.build(channels, settings)
    return encoder
