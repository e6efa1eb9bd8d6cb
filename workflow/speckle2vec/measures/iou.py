"""Scores of pixels from confusion counts (..., true class, predicted class).

Whatever stands before the two axes of classes stays, such as the draws of a bootstrap. A
class without a true pixel is undefined (NaN) and left out of every mean, though pixels that
were wrongly given to it still count against their true classes: it was not asked, and 0
would say that it was missed.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class ClassScores(NamedTuple):
    """Scores of classes and their means, 0 to 1."""

    iou: FloatArray
    """Intersection over union, the Jaccard index, of every class, (..., class)."""
    f1: FloatArray
    """Harmonic mean of precision and recall of every class, (..., class)."""
    weighted_iou: FloatArray
    """Mean IoU weighted by the true pixels of each class (paper, Table 9), (...)."""
    mean_iou: FloatArray
    """Plain mean of the IoU, (...)."""
    macro_f1: FloatArray
    """Plain mean of F1, (...)."""
    accuracy: FloatArray
    """Share of the pixels that are right, (...)."""
    balanced_accuracy: FloatArray
    """Plain mean of the recall, (...)."""


def scores_of(counts: npt.NDArray[Any]) -> ClassScores:
    """Every score of confusion counts (..., true class, predicted class)."""
    counts = np.asarray(counts, np.float64)
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    true, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    total, there = true.sum(axis=-1), true > 0
    iou = _ratio(right, np.where(there, true + predicted - right, 0))
    f1 = _ratio(2 * right, np.where(there, true + predicted, 0))
    return ClassScores(
        iou=iou,
        f1=f1,
        weighted_iou=_ratio(np.where(there, iou * true, 0).sum(axis=-1), total),
        mean_iou=_mean(iou, there),
        macro_f1=_mean(f1, there),
        accuracy=_ratio(right.sum(axis=-1), total),
        balanced_accuracy=_mean(_ratio(right, true), there),
    )


def _mean(values: FloatArray, defined: npt.NDArray[np.bool_]) -> FloatArray:
    return _ratio(np.where(defined, values, 0).sum(axis=-1), defined.sum(axis=-1))


def _ratio(part: FloatArray, whole: npt.NDArray[Any]) -> FloatArray:
    """NaN where there is nothing to divide by."""
    found = np.full(np.broadcast_shapes(np.shape(part), np.shape(whole)), np.nan)
    np.divide(part, whole, out=found, where=np.asarray(whole) > 0)
    return found
