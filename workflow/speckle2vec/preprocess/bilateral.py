"""The bilateral filter (report, 3.1; Tomasi and Manduchi, 1998)."""

from functools import cache
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from speckle2vec.preprocess.moments import least_polynomial, moment_filter, spatial_disc
from speckle2vec.settings.stages import Bilateral

FloatArray = npt.NDArray[np.float32]
IndexArray = npt.NDArray[np.intp]

GREY_LEVELS = 255
ROUNDINGS = 8
"""How far two float32 bilateral filters may lie apart, in roundings of the largest value."""


def bilateral(image: FloatArray, settings: Bilateral, for_levels: bool = False) -> FloatArray:
    """Filter an image as `cv2.bilateralFilter` does, faster where the range kernel is wide.

    Args:
        image: Finite values, (y, x).
        settings: Diameter and spatial width in pixels, range width in the unit of the image.
        for_levels: Whether the result will be cut to 256 grey levels. The pixels next to a
            boundary of levels are then filtered by OpenCV itself, so that the levels are
            exactly its own: one pixel in another level can change a whole tile of CLAHE.

    Returns:
        The filtered image, within 1e-4 of OpenCV's.
    """
    low, high, _, _ = cv2.minMaxLoc(image)
    if low == high:
        return image.copy()
    polynomial = least_polynomial(high - low, settings.sigma_color)
    if polynomial is None:
        return _opencv(image, settings)
    centre, width = np.float32((low + high) / 2), np.float32(settings.sigma_color)
    filtered = moment_filter((image - centre) / width, _disc(settings), polynomial)
    filtered *= width
    filtered += centre
    if for_levels:
        positions = _near_boundaries(filtered, max(abs(low), abs(high)))
        filtered[positions] = _filter_pixels(image, positions, (low, high), settings)
    return filtered


def _near_boundaries(image: FloatArray, largest: float) -> tuple[IndexArray, ...]:
    """Positions (y, x) of pixels that a few roundings could move to another grey level."""
    low, high, _, _ = cv2.minMaxLoc(image)
    scale = GREY_LEVELS / (high - low) if high > low else 0.0
    margin = ROUNDINGS * np.finfo(np.float32).eps * largest * scale
    levels = (image - np.float32(low)) * np.float32(scale)
    levels -= np.rint(levels)
    return np.nonzero(np.abs(levels, out=levels) < margin)


def _filter_pixels(
    image: FloatArray,
    positions: tuple[IndexArray, ...],
    limits: tuple[float, float],
    settings: Bilateral,
) -> FloatArray:
    """What OpenCV makes of some pixels, bit for bit: their windows in one strip.

    OpenCV's table of the range kernel depends on the limits of the image, so that a last
    column brings these along.
    """
    radius = _radius(settings)
    side = 2 * radius + 1
    framed = cv2.copyMakeBorder(image, *(radius,) * 4, borderType=cv2.BORDER_REFLECT_101)
    windows = np.lib.stride_tricks.sliding_window_view(framed, (side, side))[positions]
    strip = np.empty((side, len(windows) * side + 1), np.float32)
    strip[:, :-1] = windows.transpose(1, 0, 2).reshape(side, -1)
    strip[:, -1], strip[0, -1] = limits
    return _opencv(strip, settings)[radius, radius:-1:side]


def _opencv(image: FloatArray, settings: Bilateral) -> FloatArray:
    filtered = cv2.bilateralFilter(
        image, settings.diameter, settings.sigma_color, settings.sigma_space
    )
    return cast(FloatArray, filtered)


def _radius(settings: Bilateral) -> int:
    return max(settings.diameter // 2, 1)


@cache
def _disc(settings: Bilateral) -> FloatArray:
    return spatial_disc(_radius(settings), settings.sigma_space)
