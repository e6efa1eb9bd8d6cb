"""Patches of one shape: what is larger keeps its centre, what is smaller is reflected."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.generic)


def kept(native: int, side: int) -> slice:
    """The pixels of one axis of a native patch that a patch of another side shows."""
    start = max(native - side, 0) // 2
    return slice(start, start + min(native, side))


def filled(native: int, side: int) -> slice:
    """Where these pixels lie in the patch; what lies outside is their reflection."""
    start = max(side - native, 0) // 2
    return slice(start, start + min(native, side))


def reflect(images: npt.NDArray[Number], height: int, width: int) -> npt.NDArray[Number]:
    """Images (..., y, x), no larger than the patch, in the middle of their reflection."""
    widths = [(0, 0)] * (images.ndim - 2)
    for native, side in zip(images.shape[-2:], (height, width), strict=True):
        place = filled(native, side)
        widths.append((place.start, side - place.stop))
    return np.pad(images, widths, mode="reflect")
