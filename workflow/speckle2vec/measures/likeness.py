"""How alike two images are: squared error, PSNR and SSIM.

Images are in standard deviations of their features about the means. The data range of PSNR and
SSIM is 8 of them, from -4 to 4, whatever the samples: so figures of features, data sets and
methods compare, and the image that is nothing but means has a PSNR of about 18 dB.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from skimage.metrics import structural_similarity

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]
DATA_RANGE = 8.0
"""Standard deviations."""
WINDOW, SPREAD = 11, 1.5


class Likeness(NamedTuple):
    """Of one image, one number a feature."""

    squared_error: DoubleArray
    """Mean over the pixels, squared standard deviations."""
    ssim: DoubleArray
    """Structural similarity, -1 to 1."""


def likeness(original: FloatArray, image: FloatArray) -> Likeness:
    """How alike an image is to the original, feature by feature.

    SSIM with a Gaussian window of 11 pixels and deviation 1.5 (Wang et al. 2004).

    Args:
        original: (feature, y, x), at least 11 pixels a side.
        image: The same.
    """
    first, second = original.astype(np.float64), image.astype(np.float64)
    similar = [
        structural_similarity(  # type: ignore[no-untyped-call]
            one, other, data_range=DATA_RANGE, gaussian_weights=True, sigma=SPREAD,
            use_sample_covariance=False, win_size=WINDOW,
        )
        for one, other in zip(first, second, strict=True)
    ]  # fmt: skip
    return Likeness(np.square(first - second).mean(axis=(1, 2)), np.array(similar))


def psnr(squared_error: DoubleArray) -> DoubleArray:
    """Peak signal-to-noise ratio of mean squared errors, dB; infinite where there is no error."""
    with np.errstate(divide="ignore"):
        return 10 * np.log10(DATA_RANGE**2 / squared_error)
