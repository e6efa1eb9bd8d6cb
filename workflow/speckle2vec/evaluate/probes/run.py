"""The stage: how well probes on one model's embeddings tell a label."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.errors import UserError
from speckle2vec.evaluate.gathering import Array, Asked, at_most, check_found, found_in, gather
from speckle2vec.evaluate.probes.knn import FittedNeighbours, fit_neighbours
from speckle2vec.evaluate.probes.probe import FittedProbe, fit_probe
from speckle2vec.products.accepted import read_accepted
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.probes import Probe, Target, read_target, write_probe
from speckle2vec.progress import LOGGER
from speckle2vec.provenance import versions
from speckle2vec.settings.evaluate import Probes
from speckle2vec.settings.root import Settings


def probe(
    settings: Settings,
    keys: Sequence[ShardKey],
    target: Path,
    catalogue: Path,
    embeddings: Path,
    output: Path,
    catalogued: Sequence[ShardKey] | None = None,
) -> None:
    """Fit a probe on samples of the training blocks and ask it those of unseen blocks.

    Memory holds at most `probes.most` embeddings and one shard.

    Args:
        settings: All settings; the group `probes` counts, and the seed.
        keys: All shards.
        target: What is asked, `results/probes/{label}/target.parquet`.
        catalogue: The merged catalogue, whose blocks, splits and verdict count.
        embeddings: Folder of the model's parts.
        output: The probe to write.
        catalogued: Shards that the catalogue has to hold, where the parts are of other shards
            than those of the catalogue, and all their samples count.

    Raises:
        UserError: A file is damaged, or there are too few samples, blocks or classes.
    """
    told, chosen = read_target(target), settings.probes
    held = keys if catalogued is None else catalogued
    samples = read_accepted(catalogue, ("split", "block"), held, settings.drawn)
    counting = samples if catalogued is None else None
    training, scored = _asked(told, samples.rows, chosen)
    training = at_most(training, chosen.most, settings.seed, told.kind)
    with threadpool_limits(1):  # sums, and so the last digits, depend on the threads
        found, values = gather(training.ids, keys, embeddings, counting)
        check_found(found, training, embeddings)
        known = training.of(found)
        fitted = fit_probe(
            told.kind, values, known.labels, known.blocks, chosen.strengths, chosen.folds
        )
        near = fit_neighbours(told.kind, values, known.labels, known.blocks, chosen.folds)
        parts = found_in(scored.ids, keys, embeddings, counting)
        rows, answers, nearest = _answers(fitted, near, parts, embeddings)
    about = _about(told, chosen, fitted, known, scored, rows) | {
        "neighbours": near.count,
        "neighbour_candidates": {str(count): score for count, score in near.candidates.items()},
    }
    _tell(about, embeddings)
    kept = scored.of(rows)
    write_probe(Probe(about, kept.ids, kept.blocks, kept.labels, answers, nearest), output)


def _asked(told: Target, table: pa.Table, chosen: Probes) -> tuple[Asked, Asked]:
    """Labelled samples of the training blocks, and those that are scored."""
    places = {
        name: (split, block)
        for name, split, block in zip(
            *(table[column].to_pylist() for column in ("sample_id", "split", "block")), strict=True
        )
    }
    order = np.argsort(told.ids)
    nowhere = (None, None)
    found = [places.get(str(name), nowhere) for name in told.ids[order]]
    splits, blocks = (np.array([str(one[part]) for one in found], str) for part in (0, 1))
    asked = Asked(told.ids[order], told.values[order], blocks)
    training = asked.of(np.flatnonzero(splits == "train"))
    scored = asked.of(np.flatnonzero(np.isin(splits, chosen.scored)))
    for samples, name in ((training, "train"), (scored, " or ".join(chosen.scored))):
        if len(samples.ids) == 0:
            raise UserError(
                f"No sample of the split {name} has a label of {told.name!r}; label more places, "
                "or change `splits` or `probes.scored`."
            )
    return training, scored


def _answers(
    fitted: FittedProbe,
    near: FittedNeighbours,
    parts: Iterable[tuple[Array, npt.NDArray[np.float32]]],
    folder: Path,
) -> tuple[Array, Array, Array]:
    """Places of the samples that are embedded, in order, and what both probes say of them."""
    told = [(rows, fitted.predict(values), near.predict(values)) for rows, values in parts]
    if not told:
        raise UserError(f"{folder}: holds no embedding of any sample that is to be scored.")
    places, answers, nearest = (np.concatenate(column) for column in zip(*told, strict=True))
    order = np.argsort(places, kind="stable")
    return places[order], answers[order], nearest[order]


def _about(
    told: Target, chosen: Probes, fitted: FittedProbe, known: Asked, scored: Asked, rows: Array
) -> dict[str, Any]:
    """All that reading the predictions takes."""
    classes = [] if told.kind == "regression" else sorted({str(one) for one in known.labels})
    asked = {str(one) for one in scored.labels[rows]} if classes else set()
    return {
        "label": told.name,
        "kind": told.kind,
        "classes": classes,
        "unseen_classes": sorted(asked - set(classes)),
        "strength": fitted.strength,
        "candidates": {f"{one:g}": score for one, score in fitted.candidates.items()},
        "scored": list(chosen.scored),
        "training_samples": len(known.ids),
        "training_blocks": len(np.unique(known.blocks)),
        "not_embedded": len(scored.ids) - len(rows),
        "versions": versions("scikit-learn", "numpy"),
    }


def _tell(about: dict[str, Any], folder: Path) -> None:
    LOGGER.info(
        "%s: probe of %s fitted on %d samples of %d blocks, strength %g",
        folder, about["label"], about["training_samples"], about["training_blocks"],
        about["strength"],
    )  # fmt: skip
    if about["not_embedded"]:
        LOGGER.warning(
            "%d samples that should be scored have no embedding in %s and are left out.",
            about["not_embedded"], folder,
        )  # fmt: skip
    if about["unseen_classes"]:
        LOGGER.warning(
            "No training sample is of %s, so no probe can tell it; samples of it are left out of "
            "the scores. Change `splits` or label more places.",
            " or ".join(about["unseen_classes"]),
        )
