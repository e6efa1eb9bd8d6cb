"""What quantisers learn from training numbers, as the plain arrays that a file of codes keeps."""

from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.names import FLOATS, RANGES, CodeName
from speckle2vec.measures.codes.quantisers import LARGEST_HALF, STEPS, FloatArray

RANGE_SAMPLES = 4096
"""Ranges are searched on so many samples at most: more change them by less than a step."""


def fit_quantiser(code: CodeName, values: FloatArray, seed: int) -> dict[str, Any]:
    """What a quantiser learns from training numbers (sample, dimension).

    Args:
        code: Which quantiser.
        values: Numbers to learn from.
        seed: Seed of the codebooks.

    Returns:
        `ranges` (2 x dimension) float32 of int8 and int4: least value and width of each; `levels`
        (3, dimension) float32 of binary: threshold, mean below and mean above; `codebooks` (part,
        entry, dimension a part) float16 of product codes; nothing of floats.

    Raises:
        UserError: There are fewer samples than a codebook has entries.
    """
    faiss.omp_set_num_threads(1)  # sums, and so the last digits, depend on the threads
    if code.kind in FLOATS:
        return {}
    if code.kind in RANGES:
        return {"ranges": _ranges(code.kind, values)}
    if code.parts:
        return {"codebooks": _codebooks(code, values, seed)}
    return {"levels": _halves(values)}


def _ranges(kind: str, values: FloatArray) -> FloatArray:
    """Lower ends and widths: all of the numbers for int8, the least squared error for int4."""
    least, spread = values.min(axis=0), np.ptp(values, axis=0)
    low, wide = np.zeros_like(least), np.ones_like(least)
    if kind == "int4":
        rows = np.linspace(0, len(values) - 1, min(len(values), RANGE_SAMPLES)).astype(int)
        low, wide = _searched((values[rows] - least) / np.where(spread > 0, spread, 1))
    return np.concatenate([least + low * spread, wide * spread]).astype(np.float32)


def _searched(shares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The range of least squared error of numbers from 0 to 1, (sample, dimension).

    faiss sums in float32: it loses its way where a mean is large against its deviation, and finds
    nothing where all numbers are alike; there the range is all there is.
    """
    made = faiss.ScalarQuantizer(shares.shape[1], STEPS["int4"])
    made.rangestat = faiss.ScalarQuantizer.RS_optim
    made.train(np.ascontiguousarray(shares, np.float32))
    low, wide = faiss.vector_to_array(made.trained).reshape(2, -1)
    found = np.isfinite(low) & np.isfinite(wide)
    return np.where(found, low, 0), np.where(found, wide, 1)


def _halves(values: FloatArray) -> FloatArray:
    threshold = values.mean(axis=0, dtype=np.float64).astype(np.float32)
    above = values > threshold
    counts = above.sum(axis=0)
    high = np.where(above, values, 0).sum(axis=0, dtype=np.float64) / np.maximum(counts, 1)
    low = np.where(above, 0, values).sum(axis=0, dtype=np.float64) / (len(values) - counts)
    high = np.where(counts > 0, high, low)  # all alike
    return np.stack([threshold, low, high]).astype(np.float32)


def _codebooks(code: CodeName, values: FloatArray, seed: int) -> npt.NDArray[np.float16]:
    entries = 2**code.bits
    if len(values) < entries:
        raise UserError(
            f"A codebook of {entries} entries needs as many training samples, and there are "
            f"{len(values)}; ask for fewer bits in `codes.names`, such as "
            f"pq{code.parts}x4 (16 entries), or add shards."
        )
    made = faiss.ProductQuantizer(values.shape[1], code.parts, code.bits)
    made.cp.seed, made.cp.min_points_per_centroid = seed % 2**31, 1
    made.train(np.ascontiguousarray(values))
    shape = (code.parts, entries, values.shape[1] // code.parts)
    books = np.asarray(faiss.vector_to_array(made.centroids)).reshape(shape)
    return np.clip(books, -LARGEST_HALF, LARGEST_HALF).astype(np.float16)
