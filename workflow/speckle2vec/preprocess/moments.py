"""A bilateral filter by a few convolutions, for range kernels wider than the data.

A pixel x becomes the mean of its neighbours y in a disc, weighted by
g(x - y) exp(-(x - y)^2 / 2 s^2). The exponential is the product of exp(-x^2 / 2 s^2),
which cancels in a mean, of exp(-y^2 / 2 s^2), and of exp(x y / s^2). Where x y / s^2 is
small, as with the report's s = 75 on decibels, the last one is a polynomial of low degree,
and what is summed over y are plain convolutions of powers of the image.
"""

import math
from functools import cache
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
from numpy.polynomial import Chebyshev, Polynomial

FloatArray = npt.NDArray[np.float32]

TOLERANCE = 1e-4
"""Largest error of the polynomial, in the unit of the image."""
MAX_DEGREE = 7
STEPS_AN_OCTAVE = 8


def least_polynomial(spread: float, sigma: float) -> tuple[float, ...] | None:
    """Coefficients of exp(x y / sigma^2), lowest power first; none where many are needed.

    Interpolating exp at the Chebyshev nodes of [-a, a] by degree K errs by at most
    a^(K+1) e^a / (2^K (K+1)!), and by e^a more relative to its least value. A relative
    error of the weights moves a weighted mean by at most that times the spread.

    Args:
        spread: Largest less smallest value of the image.
        sigma: Width of the range kernel, in the same unit.
    """
    reach = _rounded_up((spread / 2 / sigma) ** 2)
    for degree in range(1, MAX_DEGREE + 1):
        error = reach ** (degree + 1) * math.exp(min(2 * reach, 100))
        if error * spread <= TOLERANCE * 2**degree * math.factorial(degree + 1):
            return _exponential(reach, degree)
    return None


def moment_filter(
    image: FloatArray, disc: FloatArray, coefficients: tuple[float, ...]
) -> FloatArray:
    """Filter an image (y, x) that is centred at 0 and in units of the range kernel's width."""
    weights = np.square(image)
    weights *= np.float32(-0.5)
    cv2.exp(weights, dst=weights)
    moments = [_convolved(weights, disc)]
    for _ in coefficients:
        cv2.multiply(weights, image, dst=weights)
        moments.append(_convolved(weights, disc))
    total = _horner(moments[1:], coefficients, image)
    total /= _horner(moments[:-1], coefficients, image)
    return total


def spatial_disc(radius: int, sigma: float) -> FloatArray:
    """The spatial kernel of `cv2.bilateralFilter`: a Gaussian cut to a disc, sum 1."""
    squares = np.arange(-radius, radius + 1) ** 2
    distances = squares[:, None] + squares
    disc = np.where(distances <= radius**2, np.exp(-distances / (2 * sigma**2)), 0)
    return np.asarray(disc / disc.sum(), dtype=np.float32)


def _convolved(image: FloatArray, kernel: FloatArray) -> FloatArray:
    return cast(FloatArray, cv2.filter2D(image, -1, kernel))


def _horner(
    moments: list[FloatArray], coefficients: tuple[float, ...], image: FloatArray
) -> FloatArray:
    """Sum over the powers k of coefficient x moment x image^k, pixel by pixel."""
    total: FloatArray = np.multiply(moments[-1], np.float32(coefficients[-1]))
    for moment, coefficient in zip(moments[-2::-1], coefficients[-2::-1], strict=True):
        total *= image
        cv2.scaleAdd(moment, coefficient, total, dst=total)
    return total


def _rounded_up(reach: float) -> float:
    """The next step of a ladder, so that a run needs few polynomials."""
    steps = math.ceil(math.log2(max(reach, 1e-6)) * STEPS_AN_OCTAVE)
    return math.pow(2.0, steps / STEPS_AN_OCTAVE)


@cache
def _exponential(reach: float, degree: int) -> tuple[float, ...]:
    series = Chebyshev.interpolate(np.exp, degree, domain=[-reach, reach])
    return tuple(float(value) for value in series.convert(kind=Polynomial).coef)
