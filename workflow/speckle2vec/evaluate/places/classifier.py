"""The stage: what a logistic regression on one model's embeddings says of every sample."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.errors import UserError
from speckle2vec.evaluate.gathering import Asked, at_most, check_found, gather
from speckle2vec.evaluate.probes.probe import FittedProbe, fit_probe
from speckle2vec.products.accepted import AcceptedSamples, read_accepted
from speckle2vec.products.embeddings import check_parts, embedding_values, read_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.place_labels import PlaceTarget, read_place_target
from speckle2vec.products.place_scores import new_scores
from speckle2vec.progress import LOGGER, track
from speckle2vec.provenance import versions
from speckle2vec.settings.root import Settings

PLACED = ("split", "block")


def score_places(
    settings: Settings,
    keys: Sequence[ShardKey],
    labels: Path,
    catalogue: Path,
    embeddings: Path,
    output: Path,
) -> None:
    """Fit a classifier on the labelled samples of the training blocks, and ask it all others.

    Memory holds at most `probes.most` embeddings, one shard, and which split samples are in.

    Args:
        settings: All settings; the group `probes` counts, and the seed.
        keys: All shards.
        labels: Which samples hold labelled places, `results/places/{name}/labels.parquet`.
        catalogue: The merged catalogue, whose verdict counts.
        embeddings: Folder of the model's parts.
        output: `results/places/{name}/{model}/scores.parquet`.

    Raises:
        UserError: A file is damaged, or there are too few labelled samples, blocks or classes.
    """
    target, chosen = read_place_target(labels), settings.probes
    samples = read_accepted(catalogue, PLACED, keys)
    training = at_most(training_samples(target), chosen.most, settings.seed, "classification")
    with threadpool_limits(1):  # sums, and so the last digits, depend on the threads
        found, values = gather(training.ids, keys, embeddings, samples)
        check_found(found, training, embeddings)
        known = training.of(found)
        fitted = fit_probe(
            "classification", values, known.labels, known.blocks, chosen.strengths, chosen.folds
        )
        with new_scores(output, _about(target, fitted, known)) as writer:
            for rows, embedded in placed_shards(keys, samples, embeddings):
                told = target.known_to(fitted.classes, fitted.probabilities(embedded))
                writer.add(target.beside(rows), told)
    _tell(target, fitted, known, embeddings)


def training_samples(target: PlaceTarget) -> Asked:
    """The labelled samples of the training blocks, sorted by id.

    Raises:
        UserError: There are none.
    """
    table = target.labelled.filter(pc.equal(target.labelled["split"], "train"))
    if len(table) == 0:
        raise UserError(
            f"No labelled sample of {target.name!r} lies in the training blocks; label more "
            "places, or change `splits`."
        )
    ids, labels, blocks = (
        np.array(table[name].to_pylist(), str) for name in ("id", "label", "block")
    )
    return Asked(ids, labels, blocks)


def placed_shards(
    keys: Sequence[ShardKey], samples: AcceptedSamples, folder: Path
) -> Iterator[tuple[pa.Table, npt.NDArray[np.float32]]]:
    """Accepted samples of one shard after the other that are embedded, and their embeddings.

    Args:
        keys: The shards.
        samples: Which samples count in each, with `PLACED`.
        folder: Folder of the embedded parts.
    """
    check_parts(keys, folder)
    for key in track(keys, len(keys), "Scoring"):
        rows, table = samples.of(key), read_embeddings(key.part(folder, ".parquet"))
        places = pc.index_in(rows["sample_id"], table["id"])
        there = pc.is_valid(places)
        if pc.any(there).as_py():
            values = embedding_values(table["embedding"].take(places.filter(there)))
            yield rows.filter(there), values


def _about(target: PlaceTarget, fitted: FittedProbe, known: Asked) -> dict[str, Any]:
    return {
        "name": target.name,
        "classes": list(target.classes),
        "positive": target.positive,
        "mode": "frozen",
        "unseen_classes": sorted(set(target.classes) - set(fitted.classes)),
        "strength": fitted.strength,
        "candidates": {f"{one:g}": score for one, score in fitted.candidates.items()},
        "training_samples": len(known.ids),
        "training_blocks": len(np.unique(known.blocks)),
        "versions": versions("scikit-learn", "numpy"),
    }


def _tell(target: PlaceTarget, fitted: FittedProbe, known: Asked, folder: Path) -> None:
    LOGGER.info(
        "%s: classifier of %s fitted on %d samples of %d blocks, strength %g",
        folder, target.name, len(known.ids), len(np.unique(known.blocks)), fitted.strength,
    )  # fmt: skip
    unseen = sorted(set(target.classes) - set(fitted.classes))
    if unseen:
        LOGGER.warning(
            "No training sample is of %s, so no classifier can tell it. Change `splits` or label "
            "more places.", " or ".join(unseen),
        )  # fmt: skip
