"""The stage: the unlabelled samples that are most likely of the class that is looked for."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.evaluate.gathering import found_in, gather
from speckle2vec.products.accepted import AcceptedSamples, read_accepted
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.place_labels import read_place_target
from speckle2vec.products.place_scores import PlaceScores, read_scores
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER

COLUMNS = ("id", "longitude", "latitude", "dates", "probability", "nearest", "cosine_distance")
Texts = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Nearest:
    """The labelled sample that each candidate is most like."""

    names: Texts
    """Their ids, (candidate)."""
    distances: FloatArray
    """Cosine distances of the embeddings, 0 to 2, (candidate)."""


def rank_similar(
    most: int,
    keys: Sequence[ShardKey],
    labels: Path,
    scores: Path,
    catalogue: Path,
    embeddings: Path,
    output: Path,
) -> None:
    """Write the samples in which no labelled place lies, the likeliest first, if there are any.

    Embeddings are read part by part, and only those of the listed samples are kept.

    Args:
        most: How many samples are listed.
        keys: All shards.
        labels: Which samples hold labelled places.
        scores: What a classifier says of every sample.
        catalogue: The merged catalogue, for positions and dates.
        embeddings: Folder of the model's parts.
        output: `results/places/{name}/{model}/similar.csv`.

    Raises:
        UserError: A file is missing or damaged, or belongs to another one.
    """
    target, scored = read_place_target(labels), read_scores(scores)
    chosen = candidates(scored, target.held, most)
    if not len(chosen):
        LOGGER.warning("%s: every scored sample holds a labelled place: none is listed.", output)
    examples = target.labelled.filter(pc.equal(target.labelled["label"], target.positive))
    names = np.sort(np.array(examples["id"].to_pylist(), str))
    samples = read_accepted(catalogue, ("longitude", "latitude", "dates"), keys)
    nearest = nearest_examples(scored.ids[chosen], names, keys, embeddings, samples)
    rows = _placed(scored.ids[chosen], samples.rows, catalogue)
    with whole_file(output) as target_file, target_file.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row, probability, name, distance in zip(
            rows, scored.positive[chosen], nearest.names, nearest.distances, strict=True
        ):
            writer.writerow([*row, f"{probability:.6f}", name, f"{distance:.6f}"])


def candidates(scored: PlaceScores, held: frozenset[str], most: int) -> npt.NDArray[np.int64]:
    """Rows of the likeliest samples that hold no labelled place; of equals the first id leads."""
    rows = np.array([row for row, name in enumerate(scored.ids) if name not in held], np.int64)
    order = np.lexsort((scored.ids[rows], -scored.positive[rows]))
    return rows[order[:most]]


def nearest_examples(
    wanted: Texts,
    examples: Texts,
    keys: Sequence[ShardKey],
    folder: Path,
    samples: AcceptedSamples,
) -> Nearest:
    """For each sample the example whose embedding is at the least angle.

    Args:
        wanted: Ids of samples.
        examples: Sorted ids of the examples.
        keys: All shards.
        folder: Folder of the embedded parts.
        samples: Which samples count in each shard.

    Raises:
        UserError: Some of the samples, or all of the examples, have no embedding.
    """
    best = Nearest(np.full(len(wanted), "", object), np.full(len(wanted), np.inf))
    if not len(wanted):
        return best
    order = np.argsort(wanted)
    found, values = gather(wanted[order], keys, folder, samples)
    if len(found) != len(wanted):
        raise UserError(
            f"{folder}: holds {len(found)} embeddings of {len(wanted)} samples that were scored; "
            "remove the scores and run the same command again."
        )
    mine = _unit(values[np.argsort(order)])
    for rows, others in found_in(examples, keys, folder, samples):
        _improve(best, np.maximum(1 - mine @ _unit(others).T, 0), examples[rows])
    if not np.isfinite(best.distances).all():
        raise UserError(
            f"{folder}: holds no embedding of the {len(examples)} labelled examples, such as "
            f"{examples[0]}; embed the shards of these samples."
        )
    return best


def _improve(best: Nearest, distances: FloatArray, names: Texts) -> None:
    """Take what is nearer than before; of equals the first id, in whatever order parts come."""
    order = np.argsort(names)
    column = order[distances[:, order].argmin(axis=1)]
    least = distances[np.arange(len(distances)), column]
    equal = (least == best.distances) & (names[column] < best.names.astype(str))
    nearer = (least < best.distances) | equal
    best.names[nearer] = names[column][nearer]
    best.distances[nearer] = least[nearer]


def _unit(embeddings: npt.NDArray[np.float32]) -> FloatArray:
    values = embeddings.astype(np.float64)
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-300))


def _placed(wanted: Texts, table: pa.Table, catalogue: Path) -> list[list[str]]:
    """Id, longitude, latitude and dates, as text."""
    places = pc.index_in(pa.array(wanted.tolist(), pa.string()), table["sample_id"])
    if places.null_count:
        raise UserError(
            f"{catalogue}: does not accept {wanted[places.to_pylist().index(None)]}, which was "
            "scored; remove the scores and run the same command again."
        )
    rows = table.take(places).to_pylist()
    return [
        [row["sample_id"], *map(_degrees, (row["longitude"], row["latitude"])), _days(row["dates"])]
        for row in rows
    ]


def _degrees(value: float | None) -> str:
    return "" if value is None or not np.isfinite(value) else f"{value:.6f}"


def _days(dates: Sequence[datetime | None] | None) -> str:
    return " ".join(f"{date:%Y-%m-%d}" for date in dates or () if date is not None)
