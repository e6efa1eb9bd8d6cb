"""How well each classifier finds each class, on labelled samples of the scored blocks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.metrics import precision_recall_curve

from speckle2vec.choices import seeded
from speckle2vec.errors import UserError
from speckle2vec.measures.intervals import Interval, interval, resamples
from speckle2vec.measures.precision import average_precisions
from speckle2vec.products.place_scores import PlaceScores, read_labelled_scores
from speckle2vec.progress import LOGGER
from speckle2vec.settings.root import Settings

FloatArray = npt.NDArray[np.float64]


class Classifier(NamedTuple):
    """The name of a classifier, taken apart."""

    features: str
    method: str
    encoder: str
    seed: int
    mode: str


@dataclass(frozen=True)
class Curve:
    """How one classifier finds one class among the scored samples."""

    classifier: Classifier
    label: str
    precision: FloatArray
    recall: FloatArray
    """Both (point), from the lowest threshold to the highest; the last point has none."""
    thresholds: FloatArray
    found: Interval
    """Average precision, with its interval over blocks."""
    averages: FloatArray
    """Average precision of the blocks as they are and of every draw, (1 + draw)."""
    samples: int
    blocks: int
    positives: int

    @property
    def chance(self) -> float:
        """Share of the positives: the precision of whoever guesses."""
        return self.positives / self.samples


def curves_of(scores: Mapping[Classifier, Path], settings: Settings) -> list[Curve]:
    """Curves of all classifiers, on the same samples and draws within a feature set.

    Args:
        scores: The scores of each, which are read one after the other.
        settings: All settings; the group `probes` counts, and the seed.

    Raises:
        UserError: Scores are missing or damaged, or of other samples or labels; no labelled
            sample is scored, or all or none is of the class that is looked for.
    """
    return [curve for group in _by_features(scores) for curve in _curves(group, settings)]


def classifier_of(name: str, seed: int) -> Classifier:
    """The classifier of a folder, such as `fusion/simclr/resnet18@7/tuned`.

    Args:
        name: The folder.
        seed: The run's own seed, which counts where the name holds none.
    """
    features, method, encoder, *mode = name.split("/")
    return Classifier(features, method, *seeded(encoder, seed), mode[0] if mode else "frozen")


def asked(scores: PlaceScores) -> list[str]:
    """The classes that get a curve: of two the one that is looked for, of more each."""
    return [scores.about["positive"]] if len(scores.classes) == 2 else list(scores.classes)


def _by_features(scores: Mapping[Classifier, Path]) -> Iterator[dict[Classifier, Path]]:
    """Feature sets leave out other samples and are not compared with each other."""
    for features in dict.fromkeys(one.features for one in scores):
        yield {one: found for one, found in scores.items() if one.features == features}


def _curves(group: Mapping[Classifier, Path], settings: Settings) -> Iterator[Curve]:
    first = next(iter(group))
    theirs = _scored(first, group[first], settings)
    names, blocks = np.unique(theirs.blocks, return_inverse=True)
    counts = resamples(len(names), settings.probes.draws, settings.seed)
    for one, path in group.items():
        scores = theirs if one == first else _scored(one, path, settings)
        _check_same(one, scores, first, theirs)
        for label in asked(scores):
            curve = _curve(one, scores, label, blocks, counts, settings)
            if curve:
                yield curve


def _scored(one: Classifier, path: Path, settings: Settings) -> PlaceScores:
    """What is said of the labelled samples of the scored splits."""
    scores = read_labelled_scores(path, settings.probes.scored)
    if len(scores.ids) == 0:
        raise UserError(
            f"No labelled sample of {'/'.join(map(str, one))} lies in the split "
            f"{' or '.join(settings.probes.scored)}; label more places, or change `splits` or "
            "`probes.scored`."
        )
    return scores


def _check_same(
    one: Classifier, scores: PlaceScores, first: Classifier, theirs: PlaceScores
) -> None:
    same = np.array_equal(scores.ids, theirs.ids) and np.array_equal(scores.labels, theirs.labels)
    if not same or scores.about["positive"] != theirs.about["positive"]:
        raise UserError(
            f"The scores of {'/'.join(map(str, one))} and {'/'.join(map(str, first))} are of "
            "other samples or labels and cannot be compared; remove the older ones below "
            "results/places and run the same command again."
        )


def _curve(
    one: Classifier,
    scores: PlaceScores,
    label: str,
    blocks: npt.NDArray[np.intp],
    counts: npt.NDArray[np.int64],
    settings: Settings,
) -> Curve | None:
    truth = scores.labels == label
    if truth.all() or not truth.any():
        _undefined(label, bool(truth.any()), label == scores.about["positive"], settings)
        return None
    likely = scores.probabilities[:, scores.classes.index(label)]
    averages = average_precisions(truth, likely, blocks, counts)
    found = interval(averages, settings.probes.confidence)
    found = found if counts.shape[1] > 1 else Interval(found.value, np.nan, np.nan)
    precision, recall, thresholds = precision_recall_curve(truth, likely)
    return Curve(
        one, label, precision, recall, thresholds, found, averages,
        len(truth), counts.shape[1], int(truth.sum()),
    )  # fmt: skip


def _undefined(label: str, every: bool, wanted: bool, settings: Settings) -> None:
    what = "All scored samples are" if every else "No scored sample is"
    where = f"(split {' or '.join(settings.probes.scored)})"
    if wanted:
        raise UserError(
            f"{what} of {label!r} {where}, which is looked for, so precision and recall are not "
            "defined; label more places, or change `splits` or `probes.scored`."
        )
    LOGGER.warning("%s of %r %s: it has no curve.", what, label, where)
