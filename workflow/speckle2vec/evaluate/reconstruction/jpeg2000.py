"""Images as JPEG 2000 files of a given size (ISO/IEC 15444-1, by OpenJPEG through GDAL).

A plain codestream (`.j2k`) without the boxes of a `.jp2`, and as many levels of the wavelet as
images of this size gain by: both favour JPEG 2000 where bytes are few. Features are its bands;
each weighs the same, as in the mean squared error of normalised features.
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

FloatArray = npt.NDArray[np.float32]
REACH = 16.0
"""What is farther from the mean is cut off, standard deviations."""
LEVELS = 65535
TRIES = 8
NEAR, AIM = 0.98, 0.99
"""Shares of the bytes allowed: a file that is so near is large enough, and what is asked for."""
LEAST_QUALITY = 1e-4
EXTENSION = ".j2k"


def largest_file(image: FloatArray, most: int) -> bytes:
    """The largest file of an image that is not above some bytes; the smallest where none is.

    The rate is searched for: sizes of files follow what is asked for only roughly.

    Args:
        image: (feature, y, x), in standard deviations.
        most: Bytes that are allowed.
    """
    levels = np.rint((np.clip(image, -REACH, REACH) / REACH + 1) / 2 * LEVELS).astype(np.uint16)
    low, high = 0.0, 100.0
    quality, best = min(100 * AIM * most / levels.nbytes, high), b""
    for _ in range(TRIES):
        file = _written(levels, quality)
        if len(file) <= most:
            low, best = quality, max(best, file, key=len)
            if len(file) >= NEAR * most or quality >= high:
                break
        else:
            high = quality
        guess = quality * AIM * most / len(file)
        quality = guess if low < guess < high else (low + high) / 2
    return best or _written(levels, LEAST_QUALITY)


def image_of(file: bytes) -> FloatArray:
    """The image of a file, (feature, y, x)."""
    with _quiet(), MemoryFile(file, ext=EXTENSION) as memory, memory.open() as opened:
        levels = opened.read()
    return np.asarray((levels / LEVELS * 2 - 1) * REACH, np.float32)


def _written(levels: npt.NDArray[np.uint16], quality: float) -> bytes:
    """A file of about so many percent of the levels' bytes."""
    features, height, width = levels.shape
    resolutions = max(math.floor(math.log2(min(height, width))) - 2, 1)
    with _quiet(), MemoryFile(ext=EXTENSION) as memory:
        with memory.open(
            driver="JP2OpenJPEG", height=height, width=width, count=features, dtype="uint16",
            CODEC="J2K", REVERSIBLE="NO", QUALITY=quality, RESOLUTIONS=resolutions,
        ) as file:  # fmt: skip
            file.write(levels)
        return bytes(memory.getbuffer())


@contextmanager
def _quiet() -> Iterator[None]:
    """Images of features lie nowhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield
