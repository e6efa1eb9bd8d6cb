"""Scores of one way over all samples, as they are and on every draw of blocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.measures.intervals import FloatArray, drawn_sums
from speckle2vec.measures.likeness import psnr


@dataclass(frozen=True)
class Sums:
    """Scores, (1 + draw, 1 + feature): all features together first."""

    squared_error: FloatArray
    """Mean over samples."""
    psnr: FloatArray
    """Of that mean, dB."""
    ssim: FloatArray
    """Mean over samples."""
    samples: int
    blocks: int
    bytes: float
    """Really kept of a sample, on average."""
    reason: str = ""
    """Why there are no scores."""


def no_sums(sums: Sums) -> bool:
    """Whether the way cannot keep so few bytes."""
    return bool(sums.reason)


def sums_of(
    table: pa.Table, about: Mapping[str, Any], code: str, way: str, counts: npt.NDArray[np.int64]
) -> Sums:
    """Scores of one way; none where it cannot keep some sample in as few bytes as allowed.

    Features that are constant over the training samples count in no mean and have no score.

    Args:
        table: Scores of all samples.
        about: What the images are.
        code: Name of the code.
        way: Name of the way.
        counts: How often each block is drawn, (draw, block), blocks in the order of their names.
    """
    rows = table.filter(pc.and_(pc.equal(table["code"], code), pc.equal(table["way"], way)))
    kept, most = np.array(rows["bytes"].to_pylist(), np.int64), about["bytes"][code]
    above = kept[kept > most]
    if len(above):
        reason = (
            f"{len(above)} of {len(kept)} samples cannot be kept in {most} bytes; the fewest they "
            f"take are {above.min()} to {above.max()}"
        )
        nothing = np.full((1, 1), np.nan)
        return Sums(nothing, nothing, nothing, 0, 0, float("nan"), reason)
    names, places = np.unique(np.array(rows["block"].to_pylist(), str), return_inverse=True)
    counted = np.array(about["deviations"], np.float64) > 0
    error, ssim = (
        _means(_with_mean(rows[name].to_pylist(), counted), places, counts)
        for name in ("squared_error", "ssim")
    )
    return Sums(error, psnr(error), ssim, len(kept), len(names), float(kept.mean()))


def _with_mean(values: list[list[float]], counted: npt.NDArray[np.bool_]) -> FloatArray:
    """Of each sample its mean over the features that count, then those, (sample, 1 + feature)."""
    numbers = np.array(values, np.float64)
    numbers[:, ~counted] = np.nan
    together = numbers[:, counted].mean(axis=1, keepdims=True)
    return np.concatenate([together, numbers], axis=1)


def _means(
    values: FloatArray, places: npt.NDArray[np.intp], counts: npt.NDArray[np.int64]
) -> FloatArray:
    """Means over samples of every draw, (1 + draw, column)."""
    blocks = counts.shape[1]
    sums = np.zeros((blocks, values.shape[1] + 1))
    np.add.at(sums, places, np.concatenate([np.ones((len(values), 1)), values], axis=1))
    drawn = drawn_sums(sums, counts)
    return np.asarray(drawn[:, 1:] / drawn[:, :1])
