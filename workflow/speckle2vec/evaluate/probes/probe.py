"""One linear layer on embeddings, its strength chosen over folds of blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.folds import Fold, block_folds
from speckle2vec.evaluate.probes.scores import MEASURES, block_sums, scores_of

FloatArray = npt.NDArray[np.float64]
LEAST_VARIANCE = 1e-9
MOST_STEPS = 5000


@dataclass(frozen=True)
class FittedProbe:
    """A probe that is ready to answer."""

    kind: str
    strength: float
    """The chosen strength: C, or 1 / alpha."""
    candidates: dict[float, float]
    """Score of every strength over the folds of the training blocks."""
    scaling: Pipeline
    layer: BaseEstimator

    def predict(self, embeddings: npt.NDArray[np.floating[Any]]) -> npt.NDArray[Any]:
        """Classes or numbers (sample) of embeddings (sample, dimension)."""
        return np.asarray(self.layer.predict(self.scaling.transform(_doubles(embeddings))))

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes it was shown, in the order of their probabilities."""
        return tuple(map(str, self.layer.classes_))

    def probabilities(self, embeddings: npt.NDArray[np.floating[Any]]) -> FloatArray:
        """Probabilities (sample, class) of embeddings; classes as likely as each other before."""
        return np.asarray(self.layer.predict_proba(self.scaling.transform(_doubles(embeddings))))


def fit_probe(
    kind: str,
    embeddings: npt.NDArray[np.floating[Any]],
    labels: npt.NDArray[Any],
    blocks: npt.NDArray[Any],
    strengths: Sequence[float],
    folds: int,
) -> FittedProbe:
    """Fit a logistic or a ridge regression, whose strength training blocks choose by themselves.

    Embeddings are standardised. Classes weigh the same, however frequent, as they do in the
    balanced accuracy that the strength is chosen by.

    Args:
        kind: `classification` or `regression`.
        embeddings: (sample, dimension).
        labels: Text, or float64 for regression, (sample).
        blocks: Block of each sample, (sample).
        strengths: Candidates; of equals the smallest, which regularises most, is taken.
        folds: Folds of whole blocks.

    Raises:
        UserError: One class only, labels or embeddings that are all alike, or too few blocks.
    """
    _check(kind, embeddings, labels)
    split = block_folds(blocks, labels, folds)
    scaling = _scaling().fit(_doubles(embeddings))
    scaled = scaling.transform(_doubles(embeddings))
    candidates = {
        strength: _over_folds(kind, strength, scaled, labels, split)
        for strength in sorted(strengths)
    }
    strength = max(candidates, key=lambda one: candidates[one])
    layer = _layer(kind, strength).fit(scaled, labels)
    return FittedProbe(kind, strength, candidates, scaling, layer)


def _over_folds(
    kind: str,
    strength: float,
    scaled: FloatArray,
    labels: npt.NDArray[Any],
    split: Sequence[Fold],
) -> float:
    """The score of all folds' answers taken together, since a class may lack in one fold."""
    answers = np.empty_like(labels)
    for fitted, asked in split:
        answers[asked] = (
            _layer(kind, strength).fit(scaled[fitted], labels[fitted]).predict(scaled[asked])
        )
    classes = () if kind == "regression" else tuple(np.unique(labels))
    sums = block_sums(kind, labels, answers, np.zeros(len(labels)), classes)
    return float(scores_of(kind, sums[0])[MEASURES[kind]])


def _scaling() -> Pipeline:
    """Standardised, then turned so that dimensions without information fall away.

    The penalty is the same in every orientation, so the turn changes no answer; an embedding
    of rank 128 is fitted in 128 dimensions and not in 1024.
    """
    return make_pipeline(StandardScaler(), PCA(1 - LEAST_VARIANCE, svd_solver="full"))


def _layer(kind: str, strength: float) -> BaseEstimator:
    if kind == "regression":
        return Ridge(alpha=1 / strength)
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=MOST_STEPS)


def _doubles(embeddings: npt.NDArray[np.floating[Any]]) -> FloatArray:
    return np.asarray(embeddings, np.float64)


def _check(kind: str, embeddings: npt.NDArray[np.floating[Any]], labels: npt.NDArray[Any]) -> None:
    different = np.unique(labels)
    if len(different) < 2:
        what = "class" if kind == "classification" else "number"
        held = f"have the same {what}, {str(different[0])!r}" if len(different) else "are none"
        raise UserError(
            f"The {len(labels)} labelled training samples {held}: there is nothing to tell apart; "
            "label more places, or change the splits."
        )
    if not np.isfinite(embeddings).all():
        raise UserError("Some embeddings are not finite; remove them and embed the shards anew.")
    if not np.ptp(embeddings, axis=0).any():
        raise UserError(
            f"The embeddings of all {len(embeddings)} training samples are alike; the encoder has "
            "collapsed: train it anew."
        )
