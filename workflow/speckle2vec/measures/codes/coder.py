"""Codes of embeddings: fewer dimensions, fewer bits, and what it takes to read them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.fitting import fit_quantiser
from speckle2vec.measures.codes.names import FLOATS, parse_code
from speckle2vec.measures.codes.quantisers import ByteArray, FloatArray, quantiser
from speckle2vec.measures.codes.rotation import Rotation, fit_rotation


class Coder:
    """One code, made of its name and plain arrays alone: both write and read by it."""

    def __init__(self, name: str, width: int, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Make a coder.

        Args:
            name: Name of the code, such as `pca64-int8`.
            width: Dimensions of the embeddings.
            arrays: What `fit_coder` learned, by name.

        Raises:
            ValueError: There is no such code.
            KeyError: An array is missing.
        """
        code = parse_code(name, width)
        self.name, self.width, self.arrays = name, width, dict(arrays)
        self._rotation = Rotation(arrays) if code.components else None
        self._quantiser = quantiser(code, code.components or width, arrays)

    def encode(self, values: FloatArray) -> ByteArray:
        """Embeddings (sample, dimension) float32 as codes (sample, byte)."""
        return self._quantiser.encode(self._rotation.there(values) if self._rotation else values)

    def decode(self, codes: ByteArray) -> FloatArray:
        """Codes (sample, byte) as embeddings (sample, dimension) float32."""
        values = self._quantiser.decode(codes)
        return self._rotation.back(values) if self._rotation else values


def fit_coder(name: str, training: FloatArray, seed: int) -> Coder:
    """Learn mean, directions, ranges and codebooks, whichever the code has.

    Args:
        name: Name of the code.
        training: Embeddings (sample, dimension) float32 of training blocks.
        seed: Seed of the codebooks.

    Raises:
        ValueError: There is no such code.
        UserError: An embedding is not finite, or there are too few.
    """
    check_finite(training)
    width = training.shape[1]
    code, arrays = parse_code(name, width), dict[str, Any]()
    if code.components:
        arrays = fit_rotation(training, code.components, rounded=code.kind not in FLOATS)
        training = Rotation(arrays).there(training)
    return Coder(name, width, arrays | fit_quantiser(code, training, seed))


def check_finite(values: FloatArray) -> None:
    """Refuse what no code can hold.

    Raises:
        UserError: An embedding is NaN or infinite.
    """
    broken = len(values) - int(np.isfinite(values).all(axis=1).sum())
    if broken:
        raise UserError(
            f"{broken} of {len(values)} embeddings are not finite; remove their parts in "
            "results/embeddings and embed the shards anew."
        )
