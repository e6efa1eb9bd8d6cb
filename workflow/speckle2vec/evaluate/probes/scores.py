"""Scores that follow from sums over blocks, so that a resample of blocks costs no second look.

For classes the sums of a block are its confusion matrix, for numbers the count and the sums
that R2 is made of. The score of several blocks is the score of the sum of their sums.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
MEASURES = {"classification": "balanced_accuracy", "regression": "r2"}


def block_sums(
    kind: str,
    truth: npt.NDArray[Any],
    predicted: npt.NDArray[Any],
    blocks: npt.NDArray[Any],
    classes: tuple[str, ...] = (),
) -> FloatArray:
    """Sums of each block, in the sorted order of the blocks' names.

    Args:
        kind: `classification` or `regression`.
        truth: Labels, (sample).
        predicted: Predictions, (sample).
        blocks: Block of each sample, (sample).
        classes: All classes, sorted; for classification.

    Returns:
        (block, true class, predicted class), or (block, 4).
    """
    names, places = np.unique(blocks, return_inverse=True)
    if kind == "classification":
        size = len(classes)
        sums = np.zeros((len(names), size, size))
        np.add.at(sums, (places, _index(truth, classes), _index(predicted, classes)), 1)
        return sums
    centred = truth - truth.mean()
    columns = (np.ones_like(centred), centred, centred**2, (truth - predicted) ** 2)
    return np.stack([np.bincount(places, column, len(names)) for column in columns], axis=1)


def scores_of(kind: str, sums: FloatArray) -> dict[str, FloatArray]:
    """Every score of sums; whatever stands before their own axes stays.

    Classification, (..., true class, predicted class): `balanced_accuracy`, the mean recall of
    the classes that occur; `macro_f1`, the mean F1 of the classes that occur or are predicted;
    `accuracy`. Regression, (..., 4): `r2` and `rmse` in the unit of the label. What is not
    defined is NaN.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return _of_classes(sums) if kind == "classification" else _of_numbers(sums)


def score_of(kind: str) -> Callable[[FloatArray], FloatArray]:
    """The score that models of a kind are compared by, as a function of sums."""
    return lambda sums: scores_of(kind, sums)[MEASURES[kind]]


def _of_classes(sums: FloatArray) -> dict[str, FloatArray]:
    right = np.diagonal(sums, axis1=-2, axis2=-1)
    true, predicted = sums.sum(axis=-1), sums.sum(axis=-2)
    return {
        "balanced_accuracy": _mean(right / true, true > 0),
        "macro_f1": _mean(2 * right / (true + predicted), true + predicted > 0),
        "accuracy": right.sum(axis=-1) / true.sum(axis=-1),
    }


def _of_numbers(sums: FloatArray) -> dict[str, FloatArray]:
    count, total, squares, residual = np.moveaxis(sums, -1, 0)
    spread = squares - total**2 / count
    r2 = np.where(spread > 1e-12 * np.maximum(squares, 1e-300), 1 - residual / spread, np.nan)
    return {"r2": r2, "rmse": np.sqrt(residual / count)}


def _mean(values: FloatArray, defined: npt.NDArray[np.bool_]) -> FloatArray:
    total = np.where(defined, values, 0).sum(axis=-1)
    return np.asarray(total / defined.sum(axis=-1))


def _index(labels: npt.NDArray[Any], classes: tuple[str, ...]) -> npt.NDArray[np.intp]:
    return np.searchsorted(np.array(classes), labels)
