"""Making a pretraining method around an encoder."""

import importlib
from collections.abc import Callable, Sequence

import torch

from speckle2vec.choices import method_module
from speckle2vec.errors import UserError
from speckle2vec.networks.base import Encoder
from speckle2vec.products.encoders import EncoderFile
from speckle2vec.provenance import stream_seed
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.method import Method

Keep = Callable[[Method, EncoderFile], None]
"""Writes what else of a trained method is kept, given its encoder as well."""


def build_method(
    name: str,
    encoder: Encoder,
    settings: Pretrain,
    seed: int,
    features: Sequence[str],
    side: int,
) -> Method:
    """A new method around an encoder; what it adds depends on its arguments alone.

    Args:
        name: Such as `simclr`; only its own module is imported.
        encoder: The network to train.
        settings: Settings of pretraining.
        seed: The seed in the settings.
        features: Names of the cubes' features.
        side: Side of what the encoder will see, pixels.

    Raises:
        UserError: There is no such method.
    """
    module = importlib.import_module(method_module(name))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(stream_seed(seed, "weights", name))
        method: Method = module.build(encoder, settings, features, side)
    return method


def check_trainable(method: str, encoder: str, network: Encoder) -> None:
    """Only `none` takes encoders that are computed and not trained.

    Raises:
        UserError: The encoder has nothing to train.
    """
    if method != "none" and not any(True for _ in network.parameters()):
        raise UserError(
            f"The encoder `{encoder}` has nothing to train, so the method `{method}` cannot be "
            "used with it; set the method to `none`, or take another encoder."
        )
