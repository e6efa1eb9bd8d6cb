"""A trained encoder on disk: weights, and all it takes to use them rightly.

One safetensors file, `results/models/{model}/encoder.safetensors`. Its metadata has one
entry, `speckle2vec`, a JSON text with sorted keys: safetensors writes several entries in
no fixed order, and equal encoders shall be equal bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import safe_open
from safetensors.numpy import save_file

from speckle2vec.choices import seeded
from speckle2vec.errors import UserError
from speckle2vec.products.belonging import check_belongs
from speckle2vec.products.refused import refused
from speckle2vec.products.statistics import Statistics
from speckle2vec.products.whole import whole_file

ENTRY = "speckle2vec"
DIGEST = "sha256"
"""Of weights and what they are, so that a flipped bit is damage."""
FloatArray = npt.NDArray[np.float32]
Weights = npt.NDArray[Any]


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


def write_weights(weights: Mapping[str, Weights], about: Mapping[str, Any], path: Path) -> None:
    """Write weights by name, and what they are; the same weights give the same bytes."""
    plain = {name: np.asarray(value, order="C") for name, value in weights.items()}
    told = json.dumps({**about, DIGEST: _digest(plain, about)}, sort_keys=True)
    with whole_file(path) as target:
        save_file(plain, target, {ENTRY: told})


def read_weights(path: Path) -> tuple[dict[str, Any], dict[str, Weights]]:
    """What `write_weights` wrote: what the weights are, and they by name.

    Raises:
        ValueError: It is not what was written.
    """
    with safe_open(path, framework="numpy") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        about = dict(json.loads(file.metadata()[ENTRY]))
    written = about.pop(DIGEST, None)
    if written not in (None, _digest(weights, about)):
        raise ValueError("it has changed since it was written")
    return about, weights


def _digest(weights: Mapping[str, Weights], about: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in sorted(weights):
        digest.update(f"{name} {weights[name].dtype} {weights[name].shape} ".encode())
        digest.update(weights[name].tobytes())
    return digest.hexdigest()


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


def check_compatible(encoder: EncoderFile, attributes: Mapping[str, Any], path: Path) -> None:
    """Refuse cubes that mean something else than those the encoder was trained on.

    Args:
        encoder: The encoder.
        attributes: The cubes' attributes.
        path: The cubes' file, for the sentence.

    Raises:
        UserError: Names, order, units, calibration or recipe of the features differ.
    """
    expected = {
        "features": list(encoder.statistics.features),
        "units": encoder.statistics.units,
        "calibration": encoder.statistics.calibration,
        "recipe": encoder.recipe,
    }
    found = [sentence for name in expected if (sentence := differ(name, expected, attributes))]
    if found:
        raise UserError(
            f"{path}: does not fit the encoder: {'; '.join(found)}. Make the cubes with the "
            "settings the encoder was trained with, or train an encoder on cubes like these."
        )


def differ(name: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """What differs in one attribute of cubes, for a sentence; empty where nothing does."""
    wanted, given = expected.get(name), found.get(name)
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        keys = [key for key in {**wanted, **given} if wanted.get(key) != given.get(key)]
        return "; ".join(_told(f"{name} of {key}", wanted.get(key), given.get(key)) for key in keys)
    return "" if wanted == given else _told(name, wanted, given)


def normalise(cubes: FloatArray, statistics: Statistics) -> FloatArray:
    """Cubes (sample, feature, y, x) with mean 0 and deviation 1 a feature, as float32.

    What is not finite, and every feature that is constant in the statistics, becomes 0.
    """
    mean, factor = (numbers.astype(np.float32)[:, None, None] for numbers in statistics.scale())
    values = np.subtract(cubes, mean, dtype=np.float32)
    np.copyto(values, 0, where=~np.isfinite(values))
    return np.multiply(values, factor, out=values)


def _told(name: str, wanted: object, given: object) -> str:
    return f"{name} is {json.dumps(given)}, not {json.dumps(wanted)}"


def _statistics(about: Mapping[str, Any]) -> Statistics:
    values = about["statistics"]
    lists = {name: tuple(values[name]) for name in ("features", "count", "mean", "std")}
    return Statistics(**{**values, **lists})
