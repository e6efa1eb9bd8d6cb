"""Gamma speckle and gamma texture from correlated normal noise."""

import numpy as np

from speckle2vec.corpus.simulated.fields import FloatArray, correlated_noise

LOOKS = 4.4
"""Equivalent number of looks of Sentinel-1 IW GRDH (Sentinel-1 product definition, ESA)."""
PSF_SIGMA = 0.75
"""Width of the point spread, pixels of 10 m: about the 20 m resolution of IW GRDH.

It gives neighbouring pixels a correlation of 0.64 and the next ones 0.17; the real
SSL4EO-S12 patch 0000200 shows 0.66 and 0.16 (VV, divided by its Gaussian mean of width 3).
"""


def gamma_from_normal(normal: FloatArray, order: FloatArray | float) -> FloatArray:
    """Turn standard normal numbers into gamma ones of mean 1 and variance 1 / order.

    The cube of a normal number is nearly gamma distributed (Wilson and Hilferty 1931).
    """
    nu = np.asarray(order, np.float32)
    root = 1 - 1 / (9 * nu) + normal / (3 * np.sqrt(nu))
    return np.asarray(np.maximum(root, np.float32(0.02)) ** 3, np.float32)


def speckle(random: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Multiplicative speckle of mean 1 with `LOOKS` looks, correlated over `PSF_SIGMA`."""
    return gamma_from_normal(correlated_noise(random, shape, PSF_SIGMA), LOOKS)
