"""Average precision under a bootstrap over blocks."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
TOGETHER = 4_000_000
"""Numbers that a group of draws may take at a time."""


def average_precisions(
    truth: npt.NDArray[np.bool_],
    scores: FloatArray,
    blocks: npt.NDArray[np.intp],
    counts: npt.NDArray[np.int64],
) -> FloatArray:
    """Average precision of the blocks as they are, and of every draw, (1 + draw).

    The sum over thresholds of the gain in recall times the precision, as
    `sklearn.metrics.average_precision_score` with each sample weighed by how often its block
    was drawn; NaN where a draw holds no positive.

    Args:
        truth: Which samples are of the class, (sample).
        scores: The higher, the likelier, (sample).
        blocks: Number of each sample's block, (sample).
        counts: How often each block is drawn, (draw, block).
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    right, places = truth[order].astype(np.float64), blocks[order]
    weights = np.concatenate([np.ones_like(counts[:1]), counts])
    size = max(TOGETHER // len(scores), 1)
    groups = [weights[start : start + size] for start in range(0, len(weights), size)]
    return np.concatenate([_averages(group[:, places], right, ends) for group in groups])


def _averages(
    weights: npt.NDArray[np.int64], right: FloatArray, ends: npt.NDArray[np.intp]
) -> FloatArray:
    """Of each row of weights (draw, sample in the order of the scores)."""
    found = np.cumsum(weights * right, axis=1)[:, ends]
    called = np.cumsum(weights, axis=1)[:, ends]
    gained = np.diff(found, axis=1, prepend=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(called > 0, found / called, 0)
        return np.asarray((gained * precision).sum(axis=1) / found[:, -1])
