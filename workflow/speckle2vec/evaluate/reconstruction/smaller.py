"""Images of fewer pixels, which are as few bytes as is allowed."""

import math

import cv2
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Small = npt.NDArray[np.int8] | npt.NDArray[np.float16]
REACH = 16.0
"""What is farther from the mean is cut off in 8 bits, standard deviations."""
STEPS = 127


def side_within(most: int, features: int, each: int, side: int) -> int:
    """Side of the largest square of all features within some bytes; 0 where there is none.

    Args:
        most: Bytes that are allowed.
        features: Features of a pixel.
        each: Bytes a number.
        side: Side of the whole image, which it does not exceed.
    """
    return min(math.isqrt(most // (features * each)), side)


def smaller(image: FloatArray, side: int, dtype: str) -> Small:
    """Means over areas, (feature, side, side), as `int8` or `float16`.

    Args:
        image: (feature, y, x), in standard deviations.
        side: Pixels a side.
        dtype: `int8` has steps of 1/8 of a standard deviation.
    """
    means = _resized(image, side, cv2.INTER_AREA)
    if dtype == "int8":
        levels: Small = np.rint(np.clip(means / REACH, -1, 1) * STEPS).astype(np.int8)
        return levels
    return means.astype(np.float16)


def restored(small: Small, side: int) -> FloatArray:
    """The image again, by bicubic interpolation, (feature, side, side)."""
    values = small.astype(np.float32)
    if small.dtype == np.int8:
        values *= REACH / STEPS
    return _resized(values, side, cv2.INTER_CUBIC)


def _resized(image: FloatArray, side: int, how: int) -> FloatArray:
    bands = [cv2.resize(band, (side, side), interpolation=how) for band in image]
    return np.stack(bands).astype(np.float32)
