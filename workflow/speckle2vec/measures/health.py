"""Figures that show whether embeddings still tell samples apart."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Health(NamedTuple):
    """Health of a set of embeddings."""

    std: float
    """Spread of the directions, 0 (all alike) to 1 (as even as noise)."""
    cosine: float
    """Mean cosine between two different samples, -1 to 1; 1 when all are alike."""
    rank: float
    """Effective rank, 1 to the lesser of samples and dimensions."""


def health(embeddings: npt.NDArray[np.floating]) -> Health:
    """Health of embeddings (sample, dimension), at least two samples.

    Raises:
        ValueError: There are fewer than two samples.
    """
    if len(embeddings) < 2:
        raise ValueError(f"Health needs at least 2 samples, not {len(embeddings)}.")
    values = np.asarray(embeddings, dtype=np.float64)
    directions = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-30)
    return Health(spread(directions), mean_cosine(directions), effective_rank(values))


def spread(directions: npt.NDArray[np.float64]) -> float:
    """Standard deviation a dimension of unit vectors, times the root of the dimensions.

    The mean over dimensions; evenly spread directions give about 1, equal ones 0. A
    collapsed encoder shows here while its loss still falls (Chen and He 2021,
    arXiv:2011.10566, section 4.1).
    """
    return float(directions.std(axis=0).mean() * np.sqrt(directions.shape[1]))


def mean_cosine(directions: npt.NDArray[np.float64]) -> float:
    """Mean cosine over all pairs of different unit vectors (sample, dimension)."""
    samples = len(directions)
    total = float(np.square(directions.sum(axis=0)).sum() - np.square(directions).sum())
    return total / (samples * (samples - 1))


def effective_rank(values: npt.NDArray[np.float64]) -> float:
    """Effective rank of (sample, dimension) about its mean.

    The exponential of the entropy of the singular values, scaled to sum 1 (Roy and
    Vetterli 2007, EUSIPCO); 1 where all samples are equal.
    """
    centred = values - values.mean(axis=0)
    singular = np.linalg.svd(centred, compute_uv=False)
    if singular.sum() <= np.finfo(np.float64).eps * max(np.abs(values).max(), 1e-300):
        return 1.0
    shares = singular / singular.sum()
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))
