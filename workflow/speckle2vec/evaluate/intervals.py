"""Bootstrap over blocks: how far a score may be off for the places that were drawn.

Samples of one block are alike, so blocks and not samples are drawn with replacement. Two models
are compared on the same draws (paired), which leaves out what a lucky draw does to both. The
intervals hold the luck of the blocks and not that of the training's seed.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from speckle2vec.evaluate.scores import FloatArray, scores_of
from speckle2vec.provenance import generator


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


def resampled(
    kind: str, measure: str, sums: FloatArray, counts: npt.NDArray[np.int64]
) -> FloatArray:
    """The score of the blocks as they are, and of every draw, (1 + draw).

    Args:
        kind: `classification` or `regression`.
        measure: Name of the score.
        sums: Sums of every block, (block, ...).
        counts: How often each block is drawn, (draw, block).
    """
    weights = np.concatenate([np.ones_like(counts[:1]), counts])
    return scores_of(kind, np.tensordot(weights.astype(np.float64), sums, axes=1))[measure]


def interval(scores: FloatArray, confidence: float) -> Interval:
    """The figure and its percentile interval, of what `resampled` gives.

    Draws in which the score is not defined are left out.
    """
    defined = scores[1:][np.isfinite(scores[1:])]
    if len(defined) == 0:
        return Interval(float(scores[0]), np.nan, np.nan)
    ends = np.quantile(defined, ((1 - confidence) / 2, (1 + confidence) / 2))
    return Interval(float(scores[0]), float(ends[0]), float(ends[1]))
