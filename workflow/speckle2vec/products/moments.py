"""Moments of the features of samples, from which means and deviations of any set follow."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Moments:
    """Count, mean and summed squared deviations of each feature of each sample.

    All three are (sample, feature), float64, over the finite pixels.
    """

    count: npt.NDArray[np.float64]
    mean: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]


def moments_of(cubes: npt.NDArray[np.float32]) -> Moments:
    """Moments of each feature of each sample of (sample, feature, y, x), in float64."""
    empty = np.zeros((len(cubes), cubes.shape[1]))
    moments = Moments(empty, empty.copy(), empty.copy())
    for row, cube in enumerate(cubes):  # one at a time stays in the processor's cache
        values = cube.reshape(len(cube), -1).astype(np.float64)
        missing = ~np.isfinite(values)
        moments.count[row] = values.shape[1] - missing.sum(axis=1)
        _clear(values, missing)
        moments.mean[row] = values.sum(axis=1) / np.maximum(moments.count[row], 1)
        values -= moments.mean[row, :, None]
        _clear(values, missing)
        moments.squares[row] = np.square(values, out=values).sum(axis=1)
    return moments


def _clear(values: npt.NDArray[np.float64], missing: npt.NDArray[np.bool_]) -> None:
    if missing.any():
        values[missing] = 0
