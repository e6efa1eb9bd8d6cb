"""Bootstrap over blocks: how far a score may be off for the places that were drawn.

Samples of one block are alike, so blocks and not samples are drawn with replacement. Two models
are compared on the same draws (paired), which leaves out what a lucky draw does to both. The
intervals hold the luck of the blocks and not that of the training's seed.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from speckle2vec.provenance import generator

FloatArray = npt.NDArray[np.float64]
Score = Callable[[FloatArray], FloatArray]
"""From sums (..., *) to a score (...), whatever stands before the sums' own axes."""


class Interval(NamedTuple):
    """A figure and the ends of its interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def resamples(blocks: int, draws: int, seed: int) -> npt.NDArray[np.int64]:
    """How often each block is drawn, (draw, block); the same for every model.

    Args:
        blocks: How many blocks are scored.
        draws: How many draws.
        seed: The seed in the settings.
    """
    drawn = generator(seed, "bootstrap", blocks).integers(blocks, size=(draws, blocks))
    counts = np.zeros((draws, blocks), np.int64)
    np.add.at(counts, (np.arange(draws)[:, None], drawn), 1)
    return counts


def drawn_sums(sums: npt.NDArray[Any], counts: npt.NDArray[np.int64]) -> FloatArray:
    """Sums of the blocks as they are, and of every draw, (1 + draw, ...).

    Args:
        sums: Sums of every block, (block, ...).
        counts: How often each block is drawn, (draw, block).
    """
    weights = np.concatenate([np.ones_like(counts[:1]), counts])
    return np.asarray(np.tensordot(weights.astype(np.float64), sums, axes=1))


def resampled(score: Score, sums: npt.NDArray[Any], counts: npt.NDArray[np.int64]) -> FloatArray:
    """The score of the blocks as they are, and of every draw, (1 + draw, ...).

    Args:
        score: From sums (..., *) to the score (...).
        sums: Sums of every block, (block, *).
        counts: How often each block is drawn, (draw, block).
    """
    return score(drawn_sums(sums, counts))


def interval(scores: FloatArray, confidence: float) -> Interval:
    """The figure and its percentile interval, of what `resampled` gives.

    Draws in which the score is not defined are left out.
    """
    defined = scores[1:][np.isfinite(scores[1:])]
    if len(defined) == 0:
        return Interval(float(scores[0]), np.nan, np.nan)
    ends = np.quantile(defined, ((1 - confidence) / 2, (1 + confidence) / 2))
    return Interval(float(scores[0]), float(ends[0]), float(ends[1]))


def mean_interval(scores: FloatArray, blocks: int, confidence: float) -> Interval:
    """Of the mean over seeds; one block alone says nothing of how far it may be off.

    Args:
        scores: What `resampled` gives for every seed, (seed, 1 + draw).
        blocks: How many blocks are scored.
        confidence: Share of the draws that lies inside.
    """
    found = interval(scores.mean(axis=0), confidence)
    return found if blocks > 1 else Interval(found.value, np.nan, np.nan)


def seed_spread(scores: FloatArray) -> float:
    """Standard deviation of the score over seeds (seed, 1 + draw); NaN of one alone."""
    return float(scores[:, 0].std(ddof=1)) if len(scores) > 1 else float("nan")


def seeds_above(name: str, differences: FloatArray) -> dict[str, object]:
    """For how many seeds a paired difference lies above 0, as a column such as `2 of 3`.

    An interval over blocks holds the seeds fixed, so that it may lie above 0 by one lucky seed.

    Args:
        name: What the scores are compared with.
        differences: Of every seed, (seed, 1 + draw).
    """
    if len(differences) == 1:
        return {}
    above = int((differences[:, 0] > 0).sum())
    return {f"seeds_above_{name}": f"{above} of {len(differences)}"}


def text(value: float) -> str:
    """A figure for a table; empty where it is not defined."""
    return f"{value:.6f}" if np.isfinite(value) else ""


def told(name: str, prefix: str, found: Interval) -> dict[str, object]:
    """A figure and its interval as columns: `name`, `{prefix}low` and `{prefix}high`."""
    names = (name, f"{prefix}low", f"{prefix}high")
    return {key: text(value) for key, value in zip(names, found, strict=True)}


def compared(name: str, difference: Interval) -> dict[str, object]:
    """A paired difference as columns; `better` means that its interval lies above 0."""
    columns = told(f"minus_{name}", f"minus_{name}_", difference)
    if np.isfinite(difference.low):
        columns[f"better_than_{name}"] = "yes" if difference.low > 0 else "no"
    return columns


def better(row: Mapping[str, object], name: str) -> str:
    """What a row of a table says of a model beside another, read back from its columns.

    Args:
        row: Columns of `compared` and `seeds_above`.
        name: What the scores are compared with.

    Returns:
        `yes`, `no`, `seeds disagree` where the interval lies above 0 and not every seed, or
        nothing where there is no interval.
    """
    found = str(row.get(f"better_than_{name}") or "")
    above, _, seeds = str(row.get(f"seeds_above_{name}") or "").partition(" of ")
    return "seeds disagree" if found == "yes" and seeds and above != seeds else found
