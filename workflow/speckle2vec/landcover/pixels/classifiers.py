"""Classifiers of single pixels, which see no neighbour of a pixel: what networks must beat."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from speckle2vec.landcover.pixels.reading import FloatArray, Pixels
from speckle2vec.measures.iou import scores_of
from speckle2vec.products.labels import ClassArray, CountArray
from speckle2vec.progress import LOGGER
from speckle2vec.provenance import stream_seed

MAJORITY, LOGISTIC, FOREST = "majority", "logistic-regression", "random-forest"
STRENGTHS = (0.0001, 0.01, 1.0, 100.0)
"""Candidates for C; smaller regularises more."""
LEAST_IN_LEAF = 20
"""Keeps a forest of 100 trees on 200,000 pixels under 100 MB; 5 told no more."""
MOST_STEPS = 2000


class _Estimator(Protocol):
    """What is used of scikit-learn."""

    def predict(self, values: FloatArray) -> npt.NDArray[Any]:
        """Class indices of (pixel, feature)."""
        ...


@dataclass(frozen=True)
class Classifier:
    """A fitted classifier of pixels."""

    estimator: _Estimator | None
    """None where every pixel is told the same class."""
    commonest: int = 1
    about: dict[str, Any] = field(default_factory=dict)
    """What was chosen, for the product."""

    def predict(self, values: FloatArray) -> ClassArray:
        """Class indices, from 1, of normalised features (pixel, feature)."""
        if self.estimator is None or len(values) == 0:
            return np.full(len(values), self.commonest, np.uint8)
        return np.asarray(self.estimator.predict(values)).astype(np.uint8)


def majority(pixels: CountArray) -> Classifier:
    """The class most frequent among the training pixels (class); of equals the first."""
    return Classifier(None, int(pixels.argmax()) + 1)


def fit(name: str, train: Pixels, validation: Pixels, trees: int, seed: int) -> Classifier:
    """Fit a classifier.

    Args:
        name: `logistic-regression` or `random-forest`.
        train: What it is fitted on.
        validation: What the strength of a logistic regression is chosen on.
        trees: Trees of the forest.
        seed: The seed the trees are drawn with.
    """
    if np.ptp(train.classes) == 0:
        LOGGER.warning(
            "The training pixels are all of one class, so %s tells no other; label more places.",
            name,
        )
        return Classifier(None, int(train.classes[0]))
    if name == FOREST:
        state = stream_seed(seed, "forest") % 2**32
        forest = RandomForestClassifier(
            trees, min_samples_leaf=LEAST_IN_LEAF, random_state=state, n_jobs=1
        )
        return Classifier(forest.fit(train.values, train.classes))
    return _logistic(train, validation)


def _logistic(train: Pixels, validation: Pixels) -> Classifier:
    """Standardised; the strength is the one of the best weighted IoU on validation."""
    fitted = {
        strength: make_pipeline(
            StandardScaler(), LogisticRegression(C=strength, max_iter=MOST_STEPS)
        ).fit(train.values.astype(np.float64), train.classes)
        for strength in STRENGTHS
    }
    size = int(max(train.classes.max(), validation.classes.max(initial=1)))
    candidates = {
        strength: _weighted_iou(Classifier(one), validation, size)
        for strength, one in fitted.items()
    }
    strength = max(candidates, key=lambda one: candidates[one])
    LOGGER.info("Logistic regression: C %g, chosen on validation", strength)
    told = {"strength": strength, "candidates": {f"{one:g}": candidates[one] for one in candidates}}
    return Classifier(fitted[strength], about=told)


def _weighted_iou(classifier: Classifier, pixels: Pixels, classes: int) -> float:
    counts = confusion(pixels.classes, classifier.predict(pixels.values), classes)
    return float(scores_of(counts).weighted_iou)


def confusion(truth: ClassArray, predicted: ClassArray, classes: int) -> CountArray:
    """Pixels by true and predicted class, (class, class), of class indices from 1."""
    places = (truth.astype(np.int64) - 1) * classes + predicted - 1
    return np.bincount(places, minlength=classes**2).reshape(classes, classes).astype(np.int64)
