"""The nearest training samples as a probe, their number chosen over folds of blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from speckle2vec.evaluate.probes.folds import block_folds
from speckle2vec.evaluate.probes.scores import MEASURES, block_sums, scores_of

FloatArray = npt.NDArray[np.float64]
Array = npt.NDArray[Any]
CANDIDATES = (1, 3, 5, 11, 21, 51)
"""Numbers of neighbours; odd, so that two classes seldom draw."""


@dataclass(frozen=True)
class FittedNeighbours:
    """Training samples that are ready to be looked among."""

    count: int
    """The chosen number of neighbours."""
    candidates: dict[int, float]
    """Score of every number over the folds of the training blocks."""
    scaling: StandardScaler
    index: NearestNeighbors
    labels: Array

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes it was shown, in the order of their shares."""
        return tuple(map(str, np.unique(self.labels)))

    def predict(self, embeddings: npt.NDArray[np.floating[Any]]) -> Array:
        """The commonest class, of equals the first, or the mean number, (sample)."""
        return _said(self.labels[self._near(embeddings)])

    def probabilities(self, embeddings: npt.NDArray[np.floating[Any]]) -> FloatArray:
        """Share of each class among the neighbours, (sample, class)."""
        near = self.labels[self._near(embeddings)]
        return np.stack([(near == one).mean(axis=1) for one in np.unique(self.labels)], axis=1)

    def _near(self, embeddings: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.intp]:
        scaled = self.scaling.transform(np.asarray(embeddings, np.float64))
        return np.asarray(self.index.kneighbors(scaled, self.count, return_distance=False))


def fit_neighbours(
    kind: str,
    embeddings: npt.NDArray[np.floating[Any]],
    labels: Array,
    blocks: Array,
    folds: int,
    counts: Sequence[int] = CANDIDATES,
) -> FittedNeighbours:
    """Choose how many neighbours are asked, by the same folds as the linear probe.

    Neighbours are those of greatest cosine between standardised embeddings.

    Args:
        kind: `classification` or `regression`.
        embeddings: (sample, dimension).
        labels: Text, or float64 for regression, (sample).
        blocks: Block of each sample, (sample).
        folds: Folds of whole blocks.
        counts: Candidates that no fold is too small for; of equals the largest is taken.

    Raises:
        UserError: There are too few blocks, or a fold leaves one class alone.
    """
    split = block_folds(blocks, labels, folds)
    scaling = StandardScaler().fit(np.asarray(embeddings, np.float64))
    scaled = scaling.transform(np.asarray(embeddings, np.float64))
    least = min(len(fitted) for fitted, _ in split)
    possible = sorted((count for count in counts if count <= least), reverse=True) or [least]
    answers = {count: np.empty_like(labels) for count in possible}
    for fitted, asked in split:
        near = _index(scaled[fitted]).kneighbors(scaled[asked], possible[0], return_distance=False)
        for count in possible:
            answers[count][asked] = _said(labels[fitted][near[:, :count]])
    candidates = {count: _score(kind, labels, said) for count, said in answers.items()}
    best = max(candidates, key=lambda one: candidates[one])
    return FittedNeighbours(best, candidates, scaling, _index(scaled), labels)


def _index(scaled: FloatArray) -> NearestNeighbors:
    return NearestNeighbors(metric="cosine", algorithm="brute").fit(scaled)


def _said(near: Array) -> Array:
    """What neighbours (sample, neighbour) say together."""
    if near.dtype.kind == "f":
        return np.asarray(near.mean(axis=1))
    classes = np.unique(near)
    votes = np.stack([(near == one).sum(axis=1) for one in classes], axis=1)
    return np.asarray(classes[votes.argmax(axis=1)])


def _score(kind: str, labels: Array, said: Array) -> float:
    classes = () if kind == "regression" else tuple(np.unique(labels))
    sums = block_sums(kind, labels, said, np.zeros(len(labels)), classes)
    return float(scores_of(kind, sums[0])[MEASURES[kind]])
