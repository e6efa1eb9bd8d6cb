"""Ways to keep few bytes of an image, and what each gives back."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from speckle2vec.evaluate.reconstruction.jpeg2000 import image_of, largest_file
from speckle2vec.evaluate.reconstruction.smaller import restored, side_within, smaller

FloatArray = npt.NDArray[np.float32]
DECODER, JPEG2000, MEAN = "decoder", "jpeg2000", "mean"
SMALLER = {"downsampled-int8": ("int8", 1), "downsampled-float16": ("float16", 2)}
"""Type and bytes of a number."""


class Kept(NamedTuple):
    """What a way makes of one image."""

    way: str
    bytes: int
    """Those really kept; where they are more than allowed, the fewest that the way can keep."""
    image: FloatArray | None
    """(feature, y, x); None where the way cannot keep so few bytes."""


def others(image: FloatArray, most: int) -> Iterator[Kept]:
    """An image by every way but decoding, within some bytes.

    Args:
        image: (feature, y, x), in standard deviations.
        most: Bytes that are allowed.
    """
    file = largest_file(image, most)
    yield Kept(JPEG2000, len(file), image_of(file) if len(file) <= most else None)
    features, side, _ = image.shape
    for name, (dtype, each) in SMALLER.items():
        width = side_within(most, features, each, side)
        if width:
            small = smaller(image, width, dtype)
            yield Kept(name, small.nbytes, restored(small, side))
        else:
            yield Kept(name, features * each, None)
    yield Kept(MEAN, 0, np.zeros_like(image))
