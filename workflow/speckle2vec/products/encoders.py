"""A trained encoder on disk: weights, and all it takes to use them rightly.

`results/models/{model}/encoder.safetensors`, as `products.weights` writes weights.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy.typing as npt

from speckle2vec.choices import seeded
from speckle2vec.products.belonging import check_belongs
from speckle2vec.products.refused import refused
from speckle2vec.products.statistics import Statistics
from speckle2vec.products.weights import read_weights, write_weights


@dataclass(frozen=True)
class EncoderFile:
    """A trained encoder and where it comes from."""

    architecture: str
    """Name of the network, such as `cnn-transformer`."""
    channels: int
    """Features of a cube."""
    settings: dict[str, Any]
    """The network's own settings."""
    statistics: Statistics
    """Names, units and calibration of the features, and what normalises them."""
    recipe: dict[str, Any]
    """How the cubes were made."""
    method: str
    """Name of the pretraining method."""
    training: dict[str, Any]
    """Settings of the training."""
    seed: int
    """Seed of the settings."""
    data: str
    """Digest of the samples it was trained on."""
    samples: int
    """How many those were."""
    code: str
    """Fingerprint of the code that trained it."""
    versions: dict[str, str]
    """Versions of this package and of what computed the weights."""
    weights: dict[str, npt.NDArray[Any]]
    """Parameters and buffers by name."""


def write_encoder(encoder: EncoderFile, path: Path) -> None:
    """Write an encoder; the same encoder gives the same bytes."""
    write_weights(encoder.weights, about_encoder(encoder), path)


def read_encoder(path: Path) -> EncoderFile:
    """Read an encoder.

    Raises:
        UserError: The file is missing, damaged, or no encoder of this package.
    """
    with refused(path, "encoder of speckle2vec"):
        return encoder_of(*read_weights(path))


def about_encoder(encoder: EncoderFile) -> dict[str, Any]:
    """All of an encoder but its weights, as plain values."""
    names = [field.name for field in fields(encoder) if field.name != "weights"]
    return {name: getattr(encoder, name) for name in names} | {
        "statistics": asdict(encoder.statistics)
    }


def encoder_of(about: Mapping[str, Any], weights: dict[str, npt.NDArray[Any]]) -> EncoderFile:
    """The encoder of what `about_encoder` gave, and its weights.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is not known.
    """
    return EncoderFile(**{**about, "statistics": _statistics(about)}, weights=weights)


def promise_of(model: str, seed: int) -> dict[str, Any]:
    """What the encoder of a model has to say of itself.

    Args:
        model: Such as `sar-temporal/simclr/cnn-transformer` or `fusion/none/resnet18@7`.
        seed: The run's own, which counts where the name holds none.

    Raises:
        UserError: What follows the `@` is no whole number.
    """
    features, method, encoder = model.split("/")
    architecture, own = seeded(encoder, seed)
    return {"features": features, "method": method, "architecture": architecture, "seed": own}


def check_trained(path: Path, encoder: EncoderFile, promised: Mapping[str, Any]) -> None:
    """Refuse an encoder that is another model's than the one its place promises.

    Args:
        path: The encoder's file.
        encoder: What stands in it.
        promised: Its model's, from `promise_of`; nothing where that is not known.

    Raises:
        UserError: It is another's.
    """
    told = {name: getattr(encoder, name) for name in ("method", "architecture", "seed")}
    features = encoder.recipe.get("feature_set")
    check_belongs(path, {**told, **({"features": features} if features else {})}, promised)


def digest_of(path: Path) -> str:
    """SHA-256 of an encoder's file, which embeddings are told apart by.

    Raises:
        UserError: The file is missing.
    """
    with refused(path, "encoder of speckle2vec"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _statistics(about: Mapping[str, Any]) -> Statistics:
    values = about["statistics"]
    lists = {name: tuple(values[name]) for name in ("features", "count", "mean", "std")}
    return Statistics(**{**values, **lists})
