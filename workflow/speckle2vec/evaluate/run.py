"""The stage: how well a linear probe on one model's embeddings tells a label."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probe import FittedProbe, fit_probe
from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.embeddings import embedding_values, read_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.probes import Probe, Target, read_target, write_probe
from speckle2vec.progress import LOGGER, track
from speckle2vec.provenance import generator, versions
from speckle2vec.settings.evaluate import Probes
from speckle2vec.settings.root import Settings

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Asked:
    """Samples with their label and place, sorted by id."""

    ids: Array
    labels: Array
    blocks: Array

    def of(self, rows: Array) -> "Asked":
        """Some of them."""
        return Asked(self.ids[rows], self.labels[rows], self.blocks[rows])


def probe(
    settings: Settings,
    keys: Sequence[ShardKey],
    target: Path,
    catalogue: Path,
    embeddings: Path,
    output: Path,
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

    Raises:
        UserError: A file is damaged, or there are too few samples, blocks or classes.
    """
    told, chosen = read_target(target), settings.probes
    training, scored = _asked(told, catalogue, chosen)
    training = _at_most(training, chosen.most, settings.seed)
    with threadpool_limits(1):  # sums, and so the last digits, depend on the threads
        found, values = _gather(training.ids, keys, embeddings)
        _check_found(found, training, embeddings)
        known = training.of(found)
        fitted = fit_probe(
            told.kind, values, known.labels, known.blocks, chosen.strengths, chosen.folds
        )
        rows, answers = _answers(fitted, scored.ids, keys, embeddings)
    about = _about(told, chosen, fitted, known, scored, rows)
    _tell(about, embeddings)
    kept = scored.of(rows)
    write_probe(Probe(about, kept.ids, kept.blocks, kept.labels, answers), output)


def _asked(told: Target, catalogue: Path, chosen: Probes) -> tuple[Asked, Asked]:
    """Labelled samples of the training blocks, and those that are scored."""
    table = accepted(read_catalogue(catalogue, ["sample_id", "split", "block", "verdict"]))
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


def _at_most(training: Asked, most: int, seed: int) -> Asked:
    if len(training.ids) <= most:
        return training
    LOGGER.info("The probe is fitted on %d of %d training samples", most, len(training.ids))
    drawn = generator(seed, "probe").choice(len(training.ids), most, replace=False)
    return training.of(np.sort(drawn))


def _shards(
    ids: Array, keys: Sequence[ShardKey], folder: Path
) -> Iterator[tuple[Array, npt.NDArray[np.float32]]]:
    """Places in sorted ids, and embeddings, of those that each shard holds."""
    for key in track(keys, len(keys), "Reading embeddings"):
        table = read_embeddings(key.part(folder, ".parquet"))
        names = np.array(table["id"].to_pylist(), str)
        places = np.minimum(np.searchsorted(ids, names), len(ids) - 1)
        wanted = np.flatnonzero(ids[places] == names)
        if len(wanted):
            yield places[wanted], embedding_values(table["embedding"])[wanted]


def _gather(
    ids: Array, keys: Sequence[ShardKey], folder: Path
) -> tuple[Array, npt.NDArray[np.float32]]:
    """Embeddings of sorted ids in their order, and the places of those there are."""
    parts = list(_shards(ids, keys, folder))
    if not parts:
        return np.empty(0, int), np.empty((0, 0), np.float32)
    places = np.concatenate([rows for rows, _ in parts])
    order = np.argsort(places, kind="stable")
    return places[order], np.concatenate([values for _, values in parts])[order]


def _answers(
    fitted: FittedProbe, ids: Array, keys: Sequence[ShardKey], folder: Path
) -> tuple[Array, Array]:
    """Places of the ids that are embedded, in order, and what the probe says of them."""
    parts = [(rows, fitted.predict(values)) for rows, values in _shards(ids, keys, folder)]
    if not parts:
        raise UserError(f"{folder}: holds no embedding of any sample that is to be scored.")
    places = np.concatenate([rows for rows, _ in parts])
    order = np.argsort(places, kind="stable")
    return places[order], np.concatenate([answers for _, answers in parts])[order]


def _check_found(found: Array, training: Asked, folder: Path) -> None:
    if len(found) == 0:
        raise UserError(
            f"{folder}: holds none of the {len(training.ids)} labelled training samples, such as "
            f"{training.ids[0]}; embed the shards of these samples, or correct the labels' ids."
        )
    if len(np.unique(found)) < len(found):
        twice = training.ids[found[np.flatnonzero(np.diff(found) == 0)[0]]]
        raise UserError(
            f"{folder}: holds {twice} in two shards; give one of the corpora an `id_prefix`."
        )


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
