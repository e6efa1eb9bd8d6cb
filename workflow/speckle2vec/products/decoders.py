"""What decodes images beside an encoder, on disk.

One safetensors file, `results/models/{model}/decoder.safetensors`, of the methods that decode
images. It belongs to one encoder file, whose SHA-256 it holds: that file says what the features
are, how they are normalised and how both were trained.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.products.encoders import digest_of
from speckle2vec.products.refused import refused
from speckle2vec.products.weights import read_weights, write_weights


@dataclass(frozen=True)
class DecoderFile:
    """A trained decoder, and the encoder it belongs to."""

    encoder: str
    """SHA-256 of the encoder's file."""
    architecture: str
    """Name of the encoder's network."""
    method: str
    """Name of the pretraining method, which says how the parts are put together."""
    side: int
    """Side of the images, pixels."""
    code: str
    """Fingerprint of the code that trained it."""
    versions: dict[str, str]
    """Versions of this package and of what computed the weights."""
    weights: dict[str, npt.NDArray[Any]]
    """Parameters and buffers of the method but those of the encoder, by name."""


def write_decoder(decoder: DecoderFile, path: Path) -> None:
    """Write a decoder; the same decoder gives the same bytes."""
    names = [field.name for field in fields(decoder) if field.name != "weights"]
    write_weights(decoder.weights, {name: getattr(decoder, name) for name in names}, path)


def read_decoder(path: Path, encoder: Path) -> DecoderFile:
    """Read the decoder of an encoder.

    Args:
        path: The decoder's file.
        encoder: The encoder's file.

    Raises:
        UserError: A file is missing, damaged, or the decoder is of another encoder.
    """
    with refused(path, "decoder of speckle2vec"):
        about, weights = read_weights(path)
        decoder = DecoderFile(**about, weights=weights)
    digest = digest_of(encoder)
    if digest != decoder.encoder:
        raise UserError(
            f"{path}: decodes what the encoder {decoder.encoder[:12]} gives, and {encoder} is "
            f"{digest[:12]}; train the two together: remove both and run the same command again."
        )
    return decoder
