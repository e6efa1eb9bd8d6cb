"""Means of the scores over groups that were left out, beside pixel statistics."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from speckle2vec.measures.intervals import Interval, compared, interval, resamples, told
from speckle2vec.settings.root import Settings

PIXELS = "pixel-statistics"
MEAN = "mean"
"""What stands in the column `group` of a mean."""
KIND = ("features", "method", "encoder", "seed", "probe")
Row = dict[str, Any]


def means_of(rows: Sequence[Row], settings: Settings) -> Iterator[Row]:
    """The mean over the groups of each model and probe, beside that of pixel statistics.

    Intervals are drawn over groups, differences paired over those that both have.

    Args:
        rows: One a model, probe and group, with its `score` (NaN where it has none).
        settings: `probes.draws` and `probes.confidence` count, and the seed.

    Yields:
        One row a model and probe, like its first one, with `group` `mean`.
    """
    kinds: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        kinds[tuple(row[name] for name in KIND)].append(row)
    scores = {kind: {row["group"]: row["score"] for row in own} for kind, own in kinds.items()}
    for kind, own in kinds.items():
        row = {**own[0], "group": MEAN, "chosen": "", "samples": "",
               "seen": max(one["seen"] for one in own)}  # fmt: skip
        row |= told("score", "", _mean(scores[kind].values(), settings))
        than = _pixels(kinds, kind)
        if than not in (None, kind):
            row |= compared("pixels", _mean(_differences(scores[kind], scores[than]), settings))
        yield row


def _pixels(kinds: Iterable[tuple[Any, ...]], kind: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Pixel statistics of the same features, asked by the same probe."""
    features, _, _, _, probe = kind
    same = (one for one in kinds if (one[0], one[2], one[4]) == (features, PIXELS, probe))
    return next(same, None)


def _differences(own: Mapping[str, float], other: Mapping[str, float]) -> list[float]:
    return [score - other[group] for group, score in own.items() if group in other]


def _mean(scores: Iterable[float], settings: Settings) -> Interval:
    """The mean over groups that have a score, and its interval over draws of groups."""
    defined, chosen = np.array([one for one in scores if np.isfinite(one)]), settings.probes
    if len(defined) < 2:
        return Interval(float(defined.mean()) if len(defined) else np.nan, np.nan, np.nan)
    drawn = resamples(len(defined), chosen.draws, settings.seed) @ defined / len(defined)
    return interval(np.concatenate([[defined.mean()], drawn]), chosen.confidence)
