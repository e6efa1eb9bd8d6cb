"""What makes a training what it is, and whether what it is given is of one run."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speckle2vec.errors import UserError
from speckle2vec.products.neighbours import check_neighbours
from speckle2vec.products.statistics import Statistics
from speckle2vec.provenance import versions
from speckle2vec.settings.root import Settings
from speckle2vec.training.samples import Samples


def about_training(
    settings: Settings,
    method: str,
    encoder: str,
    chosen: dict[str, Any],
    statistics: Statistics,
    samples: Samples,
    code: str,
) -> dict[str, Any]:
    """All that makes this training what it is, but the statistics' numbers and the weights."""
    return {
        "architecture": encoder,
        "channels": len(statistics.features),
        "settings": chosen,
        "recipe": dict(samples.attributes["recipe"] or {}),
        "method": method,
        "training": {**settings.pretrain.common(), "method": settings.pretrain.own(method)},
        "seed": settings.seed,
        "data": hashlib.sha256(f"{samples.fingerprint} {statistics}".encode()).hexdigest(),
        "samples": len(samples.train),
        "code": code,
        "versions": versions("torch", "numpy", "safetensors"),
    }


def training_digest(about: Mapping[str, Any]) -> str:
    """By what a checkpoint of a training is known."""
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def check_this_run(
    table: Mapping[str, Any], statistics: Path, numbers: Statistics, samples: Samples
) -> None:
    """Statistics and neighbours have to be of these cubes and shards.

    Args:
        table: What the table of neighbours has to be drawn by.
        statistics: The file of the statistics, for the error.
        numbers: What it holds.
        samples: The samples that were loaded.

    Raises:
        UserError: One of them is another run's.
    """
    if numbers.fingerprint != samples.cubes:
        raise UserError(
            f"{statistics}: is not of the cubes that stand here: they were made anew since, or it "
            "is another run's file; remove it and run the same command again, or make it with "
            "`speckle2vec statistics`."
        )
    if samples.neighbours is not None:
        check_neighbours(samples.neighbours, table)
