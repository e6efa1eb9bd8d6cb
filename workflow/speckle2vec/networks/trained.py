"""Networks of files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from speckle2vec.errors import UserError
from speckle2vec.networks.base import Encoder
from speckle2vec.networks.registry import build_encoder
from speckle2vec.products.encoders import EncoderFile


def load_network(trained: EncoderFile, path: Path) -> Encoder:
    """The network of an encoder file, ready to embed.

    Raises:
        UserError: The weights do not fit the architecture the file names.
    """
    network = build_encoder(trained.architecture, trained.channels, trained.settings, trained.seed)
    what = f"{trained.architecture} with {trained.channels} channels"
    load_weights(network, trained.weights, what, path)
    return network.eval()


def load_weights(network: nn.Module, weights: Mapping[str, Any], what: str, path: Path) -> None:
    """Give a network the weights of a file.

    Args:
        network: The network, changed in place.
        weights: Arrays by name.
        what: The network, for the sentence.
        path: The file, for the sentence.

    Raises:
        UserError: They do not fit.
    """
    try:
        network.load_state_dict({name: torch.from_numpy(one) for name, one in weights.items()})
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"{path}: its weights do not fit {what} ({reason}); remove it and train anew."
        ) from error


def weights_of(network: nn.Module) -> dict[str, Any]:
    """Parameters and buffers of a network by name, as arrays."""
    return {name: value.cpu().numpy() for name, value in network.state_dict().items()}
