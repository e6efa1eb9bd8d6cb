"""Resizing as one small matrix an axis (report, 3.5).

`skimage.transform.resize` with order 1 is linear and separable: resizing an image X is
A X B^T, and A is what resizing does to an identity matrix. Each row of A reaches only a
few pixels, so the products are taken over bands of rows.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from skimage.transform import resize as resize_by_skimage

FloatArray = npt.NDArray[np.float32]
ROWS_A_BAND = 16


class Band(NamedTuple):
    """Some rows of a matrix, and the only columns where they are not zero."""

    rows: slice
    columns: slice
    values: FloatArray


def resize(maps: FloatArray, size: int) -> FloatArray:
    """Resize maps as `resize(order=1, mode="reflect", anti_aliasing=True)` of scikit-image.

    Args:
        maps: Finite values, (map, y, x), any shape.
        size: Side of the result, pixels.

    Returns:
        The maps, (map, size, size), equal to scikit-image's to rounding.
    """
    count, height, width = maps.shape
    lower = np.empty((count, size, width), np.float32)
    for band in _bands(height, size):
        np.matmul(band.values, maps[:, band.columns], out=lower[:, band.rows])
    across = resize_matrix(width, size).T
    return (lower.reshape(-1, width) @ across).reshape(count, size, size)


@cache
def resize_matrix(length: int, size: int) -> FloatArray:
    """The matrix (size, length) that resizes one axis."""
    identity = np.eye(length)
    matrix = resize_by_skimage(  # type: ignore[no-untyped-call]
        identity, (size, length), order=1, mode="reflect", anti_aliasing=True
    )
    return np.asarray(matrix, dtype=np.float32)


@cache
def _bands(length: int, size: int) -> tuple[Band, ...]:
    matrix = resize_matrix(length, size)
    return tuple(_band(matrix, start) for start in range(0, size, ROWS_A_BAND))


def _band(matrix: FloatArray, start: int) -> Band:
    rows = slice(start, min(start + ROWS_A_BAND, len(matrix)))
    reached = np.flatnonzero(matrix[rows].any(axis=0))
    columns = slice(int(reached[0]), int(reached[-1]) + 1)
    return Band(rows, columns, np.ascontiguousarray(matrix[rows, columns]))
