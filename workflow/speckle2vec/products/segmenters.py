"""A segmenter on disk: encoder and decoder trained on labels, and all it takes to use them.

One safetensors file, `results/landcover/{model}/{run}/segmenter.safetensors`, with tensors
`encoder.*` and `decoder.*`. Its metadata has one entry, `speckle2vec`, a JSON text with
sorted keys, as in encoder files.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy.typing as npt

from speckle2vec.products.encoders import EncoderFile, about_encoder, encoder_of
from speckle2vec.products.labels import LabelClass
from speckle2vec.products.refused import refused
from speckle2vec.products.weights import read_weights, write_weights

ENCODER, DECODER = "encoder.", "decoder."
Weights = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class SegmenterFile:
    """A trained segmenter and where it comes from."""

    encoder: EncoderFile
    """The encoder as it is now, with its statistics, recipe and pretraining."""
    classes: tuple[LabelClass, ...]
    """The class table, in the order of the logits."""
    run: str
    """Name of the run, such as `whole-100`."""
    crop: int
    """Side of the squares it was trained on, pixels; those of larger cubes are put together."""
    training: dict[str, Any]
    """Settings of the fine-tuning."""
    seed: int
    """Seed of the fine-tuning, and of the share of the labels."""
    drawn: int
    """Seed of the splits, the run's own."""
    data: str
    """Digest of cubes, labels and splits."""
    samples: dict[str, int]
    """How many samples were trained on and validated with."""
    epochs: dict[str, int]
    """Epochs `trained`, and the one whose weights are `kept`."""
    code: str
    """Fingerprint of the code that trained it."""
    versions: dict[str, str]
    """Versions of this package and of what computed the weights."""
    decoder: Weights
    """Parameters and buffers of the decoder by name."""


def write_segmenter(segmenter: SegmenterFile, path: Path) -> None:
    """Write a segmenter; the same segmenter gives the same bytes."""
    weights = {
        **_under(ENCODER, segmenter.encoder.weights),
        **_under(DECODER, segmenter.decoder),
    }
    write_weights(weights, _about(segmenter), path)


def read_segmenter(path: Path) -> SegmenterFile:
    """Read a segmenter.

    Raises:
        UserError: The file is missing, damaged, or no segmenter of this package.
    """
    with refused(path, "segmenter of speckle2vec"):
        about, weights = read_weights(path)
        told = {
            "classes": tuple(LabelClass(**row) for row in about["classes"]),
            "encoder": encoder_of(about["encoder"], _of(ENCODER, weights)),
        }
        return SegmenterFile(**{**about, **told}, decoder=_of(DECODER, weights))


def _about(segmenter: SegmenterFile) -> dict[str, Any]:
    plain = {field.name: getattr(segmenter, field.name) for field in fields(segmenter)}
    del plain["decoder"]
    classes = [asdict(one) for one in segmenter.classes]
    return {**plain, "classes": classes, "encoder": about_encoder(segmenter.encoder)}


def _under(prefix: str, weights: Mapping[str, npt.NDArray[Any]]) -> Weights:
    return {f"{prefix}{name}": value for name, value in weights.items()}


def _of(prefix: str, weights: Weights) -> Weights:
    return {
        name.removeprefix(prefix): value
        for name, value in weights.items()
        if name.startswith(prefix)
    }
