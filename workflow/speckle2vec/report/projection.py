"""A flat map of embeddings."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.provenance import stream_seed
from speckle2vec.settings.report import Report

FEWEST = 10
"""Fewer samples have no neighbourhoods that a map could keep."""
DIRECTIONS = 50
"""t-SNE reads so many principal components, as its authors do."""
PERPLEXITY = 30.0
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Flat:
    """Samples on a map."""

    places: FloatArray
    """(sample, 2)."""
    way: str
    """`pca` or `tsne`."""
    share: float
    """Share of the variance that the first two principal components carry."""


def flatten(vectors: FloatArray, chosen: Report, seed: int) -> Flat:
    """Bring unit vectors (sample, 1024) to a plane; equal vectors give equal maps.

    t-SNE (van der Maaten and Hinton 2008) starts from the principal components; one thread,
    since sums depend on their number.
    """
    with threadpool_limits(1):
        components, shares = _principal(vectors.astype(np.float64))
        way = chosen.projection
        if way == "auto":
            way = "tsne" if len(vectors) <= chosen.tsne_most else "pca"
        if len(vectors) < FEWEST or not shares.any():
            way = "pca"
        places = components[:, :2] if way == "pca" else _tsne(components, seed)
    return Flat(places.astype(np.float32), way, float(shares[:2].sum()))


def _principal(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], ...]:
    """Coordinates (sample, component), at least two, and the share of each."""
    centred = values - values.mean(axis=0)
    if len(values) < 2 or not centred.any():
        return np.zeros((len(values), 2)), np.zeros(2)
    found = PCA(min(DIRECTIONS, *values.shape), svd_solver="covariance_eigh").fit(centred)
    return found.transform(centred), found.explained_variance_ratio_


def _tsne(components: npt.NDArray[np.float64], seed: int) -> npt.NDArray[np.float64]:
    perplexity = min(PERPLEXITY, (len(components) - 1) / 3)
    start = stream_seed(seed, "report", "tsne") % 2**32
    model = TSNE(2, perplexity=perplexity, init="pca", random_state=start, n_jobs=1)
    return np.asarray(model.fit_transform(components))
