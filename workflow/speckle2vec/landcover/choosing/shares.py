"""Random splits, and shares of the labelled samples, by seed and id alone."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from speckle2vec.errors import UserError
from speckle2vec.products.splits import BETWEEN_SPLITS, SPLITS
from speckle2vec.provenance import stream_seed
from speckle2vec.settings.landcover import Run

LEARNING = tuple(split for split in SPLITS if split != BETWEEN_SPLITS)
RANDOM_SHARES = {"train": 0.7, "validation": 0.2, "test": 0.1}
LEAST = 8
"""Fewer training samples are refused, and so many of validation stay at any share."""


def _chance(seed: int, purpose: str, name: str) -> float:
    """A number in [0, 1) that depends on the arguments alone."""
    return stream_seed(seed, purpose, name) / 2**63


def drawn_split(name: str, seed: int) -> str:
    """The random split of a sample (paper, section 3.3)."""
    chance = _chance(seed, "random split", name)
    bounds = np.cumsum([RANDOM_SHARES[split] for split in LEARNING])
    return LEARNING[min(int(np.searchsorted(bounds, chance, side="right")), len(LEARNING) - 1)]


def shared(split_of: Mapping[str, str], run: Run, seed: int) -> dict[str, str]:
    """The samples that a share leaves, in sorted order.

    Raises:
        UserError: Too few are left to train on.
    """
    by_split: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(split_of, key=lambda name: (_chance(seed, "share", name), name)):
        by_split[split_of[name]].append(name)
    kept = {"train": round(len(by_split["train"]) * run.share / 100)}
    kept["validation"] = max(round(len(by_split["validation"]) * run.share / 100), LEAST)
    if kept["train"] < LEAST:
        raise UserError(
            f"`landcover.shares` names {run.share:g} percent, which leaves {kept['train']} of "
            f"{len(by_split['train'])} labelled training samples, and at least {LEAST} are "
            "needed; leave that share out, or label more samples."
        )
    left = [(name, split) for split, names in by_split.items() for name in names[: kept.get(split)]]
    return dict(sorted(left))
