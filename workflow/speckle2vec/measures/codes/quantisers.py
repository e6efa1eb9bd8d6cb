"""From numbers to few bits and back, by faiss where it knows how.

A quantiser is made from plain arrays alone, which is all that a file of codes keeps of it.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import faiss
import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.names import RANGES, CodeName

Arrays = Mapping[str, npt.NDArray[Any]]
FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]
LARGEST_HALF = 65504.0
STEPS = {"int8": faiss.ScalarQuantizer.QT_8bit, "int4": faiss.ScalarQuantizer.QT_4bit}
TOGETHER = 256
"""Rows unpacked at a time, so that they stay in the processor's cache."""


class Quantiser(Protocol):
    """Numbers (sample, dimension) float32 to codes (sample, byte) and back."""

    def encode(self, values: FloatArray) -> ByteArray:
        """The code of numbers."""

    def decode(self, codes: ByteArray) -> FloatArray:
        """The numbers that a code stands for."""


def quantiser(code: CodeName, width: int, arrays: Arrays) -> Quantiser:
    """The quantiser of what was learned.

    Args:
        code: Which quantiser.
        width: Dimensions of the numbers.
        arrays: What `fit_quantiser` gave.
    """
    faiss.omp_set_num_threads(1)
    if code.kind == "float32":
        return Floats()
    if code.kind == "float16":
        return Halves(width)
    if code.kind in RANGES:
        return Steps(code.kind, arrays["ranges"])
    return Products(arrays["codebooks"]) if code.parts else Signs(arrays["levels"])


class Floats:
    """Numbers as they are."""

    def encode(self, values: FloatArray) -> ByteArray:
        """Their bytes, little-endian."""
        return np.ascontiguousarray(values, "<f4").view(np.uint8)

    def decode(self, codes: ByteArray) -> FloatArray:
        """The same numbers."""
        return np.ascontiguousarray(codes).view("<f4").astype(np.float32)


class Halves:
    """Numbers as float16."""

    def __init__(self, width: int) -> None:
        self._made = faiss.ScalarQuantizer(width, faiss.ScalarQuantizer.QT_fp16)

    def encode(self, values: FloatArray) -> ByteArray:
        """Two bytes a number.

        Raises:
            UserError: A number is larger than float16 can hold.
        """
        if len(values) and max(values.max(), -values.min()) > LARGEST_HALF:
            raise UserError(
                f"Some numbers lie above {LARGEST_HALF:g}, the most that float16 holds; leave the "
                "float16 codes out of `codes.names`."
            )
        return np.asarray(self._made.compute_codes(np.ascontiguousarray(values)))

    def decode(self, codes: ByteArray) -> FloatArray:
        """Numbers with 11 bits of precision."""
        return np.asarray(self._made.decode(np.ascontiguousarray(codes)))


class Steps:
    """Even steps in a range a dimension: 256 of int8, 16 of int4; beyond it the last step."""

    def __init__(self, kind: str, ranges: npt.NDArray[Any]) -> None:
        self._made = faiss.ScalarQuantizer(len(ranges) // 2, STEPS[kind])
        faiss.copy_array_to_vector(np.ascontiguousarray(ranges, np.float32), self._made.trained)

    def encode(self, values: FloatArray) -> ByteArray:
        """One byte a number, or one for two."""
        return np.asarray(self._made.compute_codes(np.ascontiguousarray(values)))

    def decode(self, codes: ByteArray) -> FloatArray:
        """The middle of each step."""
        return np.asarray(self._made.decode(np.ascontiguousarray(codes)))


class Signs:
    """One bit a dimension: above the training mean or not."""

    def __init__(self, levels: npt.NDArray[Any]) -> None:
        self._threshold, self._below, self._above = np.asarray(levels, np.float32)

    def encode(self, values: FloatArray) -> ByteArray:
        """One byte for eight numbers."""
        return np.packbits(values > self._threshold, axis=1)

    def decode(self, codes: ByteArray) -> FloatArray:
        """The mean of the training numbers on that side."""
        width, rise = len(self._below), self._above - self._below
        found = np.empty((len(codes), width), np.float32)
        for start in range(0, len(codes), TOGETHER):
            rows = slice(start, start + TOGETHER)
            bits = np.unpackbits(codes[rows], axis=1, count=width)
            np.multiply(bits, rise, out=found[rows])
            found[rows] += self._below
        return found


class Products:
    """Product quantisation (Jegou et al. 2011): each part is the nearest entry of its codebook."""

    def __init__(self, codebooks: npt.NDArray[Any]) -> None:
        parts, entries, dimensions = codebooks.shape
        bits = entries.bit_length() - 1
        self._made: Any = faiss.ProductQuantizer(parts * dimensions, parts, bits)
        faiss.copy_array_to_vector(codebooks.astype(np.float32).ravel(), self._made.centroids)

    def encode(self, values: FloatArray) -> ByteArray:
        """The bits of each part, one after the other."""
        return np.asarray(self._made.compute_codes(np.ascontiguousarray(values)))

    def decode(self, codes: ByteArray) -> FloatArray:
        """The entries."""
        return np.asarray(self._made.decode(np.ascontiguousarray(codes)))
