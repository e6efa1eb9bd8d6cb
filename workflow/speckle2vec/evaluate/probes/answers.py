"""Scores of several probes of one question, on the same draws of blocks."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.scores import FloatArray, block_sums, score_of
from speckle2vec.measures.intervals import resampled, resamples
from speckle2vec.products.probes import Array, Probe
from speckle2vec.settings.root import Settings

Key = TypeVar("Key")


class Answers(NamedTuple):
    """What one probe gave."""

    probe: Probe
    sums: FloatArray
    """Sums of every block, (block, ...)."""
    scores: FloatArray
    """The score of all blocks and of every draw, (1 + draw)."""
    nearest: FloatArray | None
    """The same of what the nearest training samples say."""


def answers_of(probes: Mapping[Key, Probe], settings: Settings) -> dict[Key, Answers]:
    """Score probes on the same draws of blocks, so that differences are paired.

    Args:
        probes: Probes of the same samples and labels, as `check_comparable` sees to.
        settings: All settings; `probes.draws` and the seed count.
    """
    sums = {key: _sums(one, one.predicted) for key, one in probes.items()}
    first = next(iter(sums.values()))
    counts = resamples(len(first), settings.probes.draws, settings.seed)
    answers = {}
    for key, one in probes.items():
        score, nearest = score_of(one.about["kind"]), None
        if one.nearest is not None:
            nearest = resampled(score, _sums(one, one.nearest), counts)
        answers[key] = Answers(one, sums[key], resampled(score, sums[key], counts), nearest)
    return answers


def check_comparable(probes: Mapping[Key, Probe], name: Callable[[Key], str], folder: str) -> None:
    """See that all were asked the same samples and labels.

    Args:
        probes: The probes.
        name: What one is called, for the error.
        folder: Where the older one is to be removed, such as `results/probes`.

    Raises:
        UserError: Two were asked differently.
    """
    for (one, probe), (other, theirs) in pairwise(probes.items()):
        same = np.array_equal(probe.ids, theirs.ids) and np.array_equal(probe.truth, theirs.truth)
        if not same or probe.about["classes"] != theirs.about["classes"]:
            raise UserError(
                f"The probes of {name(one)} and {name(other)} were asked other samples or labels "
                f"and cannot be compared; remove the folder of the older one in {folder} and run "
                "the same command again."
            )


def _sums(probe: Probe, said: Array) -> FloatArray:
    """Sums of every block; classes that no training sample has are left out."""
    kind, classes = probe.about["kind"], tuple(probe.about["classes"])
    known = np.isin(probe.truth, classes) if classes else np.ones(len(probe.truth), bool)
    return block_sums(kind, probe.truth[known], said[known], probe.blocks[known], classes)
