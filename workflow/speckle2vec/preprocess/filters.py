"""Filters of a single image."""

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]


def fill_nodata(image: FloatArray) -> FloatArray:
    """Fill NaN with the median of the finite pixels; without NaN the image itself.

    An image without any finite pixel stays as it is.
    """
    missing = np.isnan(image)
    if not missing.any() or missing.all():
        return image
    return np.where(missing, np.median(image[~missing]), image)


def equalise(image: FloatArray, clip_limit: float, tiles: int) -> ByteArray:
    """Stretch to grey levels 0..255 and enhance local contrast by CLAHE (report, 3.2).

    Args:
        image: Finite values, (y, x).
        clip_limit: Clip limit of the histograms.
        tiles: Tiles a side.
    """
    stretched = np.empty_like(image)
    levels = cv2.normalize(image, stretched, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    clahe = cv2.createCLAHE(clipLimit=clip_limit, tileGridSize=(tiles, tiles))
    return cast(ByteArray, clahe.apply(levels))


def edges(image: FloatArray | ByteArray) -> FloatArray:
    """Magnitude of the 3x3 Sobel gradient, in eighths of the image's unit a pixel (report, 3.3)."""
    across, down = _gradient(image, 1, 0), _gradient(image, 0, 1)
    # Not cv2.magnitude: its last digit depends on where the images lie in memory.
    across *= across
    down *= down
    across += down
    return np.sqrt(across, out=across)


def _gradient(image: FloatArray | ByteArray, across: int, down: int) -> FloatArray:
    return cast(FloatArray, cv2.Sobel(image, cv2.CV_32F, across, down, ksize=3))
