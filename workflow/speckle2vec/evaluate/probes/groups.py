"""How well a probe tells a label in groups of places, such as countries, it never saw.

Each group is left out in turn: a probe is fitted on all others, its strength chosen by leaving
out those in turn, and asked the one left out. A pooled figure would hide that a probe on a few
scenes may do well in five countries and fail in the sixth.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.choices import seeded
from speckle2vec.errors import UserError
from speckle2vec.evaluate.gathering import Asked, check_found, gather
from speckle2vec.evaluate.probes.knn import FittedNeighbours, fit_neighbours
from speckle2vec.evaluate.probes.probe import FittedProbe, fit_probe
from speckle2vec.evaluate.probes.scores import MEASURES, block_sums, scores_of
from speckle2vec.measures.intervals import Interval, compared, interval, resamples, text, told
from speckle2vec.products.accepted import AcceptedSamples, read_accepted
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.probes import Target, read_target
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER, track
from speckle2vec.readers.listing import pretraining_shards
from speckle2vec.settings.evaluate import Probes
from speckle2vec.settings.root import Settings

PROBES = ("linear", "neighbours")
PIXELS = "pixel-statistics"
FITTED = "pca"
"""The baseline that is fitted on training blocks."""
MEAN = "mean"
COLUMNS = (
    "label", "features", "method", "encoder", "seed", "probe", "group", "samples", "seen",
    "measure", "score", "low", "high", "minus_pixels", "minus_pixels_low", "minus_pixels_high",
    "better_than_pixels", "chosen",
)  # fmt: skip
Array = npt.NDArray[Any]
Fitted = FittedProbe | FittedNeighbours
Row = dict[str, Any]


class Groups(NamedTuple):
    """What is asked where."""

    asked: Asked
    """Labelled samples; their blocks are the groups."""
    seen: frozenset[str | None]
    """Groups that pretraining might see samples of, labelled or not."""
    kind: str


def probe_groups(
    settings: Settings,
    keys: Sequence[ShardKey],
    models: Sequence[str],
    target: Path,
    catalogue: Path,
    embeddings: Path,
    output: Path,
) -> None:
    """Write one row a model, probe and group, and one of the mean over the groups.

    The measure is the area under the ROC curve (AUC) of two classes, balanced accuracy of
    more, R2 of numbers. Intervals of the mean are drawn over groups, differences paired.
    `seen` tells where a model that learns had samples of the group, labelled or not, in the
    training blocks of the shards that pretraining sees; principal components learn as well.
    Memory holds the embeddings of one model, so labels should be of thousands of samples.

    Args:
        settings: All settings; `probes` and `pretrain.shards` count, and the seed.
        keys: All shards.
        models: Names such as `sar-temporal/none/pca`.
        target: What is asked, `results/probes/{label}/target.parquet`.
        catalogue: The merged catalogue, whose places make the groups.
        embeddings: Folder of all embeddings, `results/embeddings`.
        output: The table, CSV.

    Raises:
        UserError: `probes.groups` fits no place, or there are too few groups or classes.
    """
    asked = read_target(target)
    samples = read_accepted(catalogue, ("place", "split"), keys, settings.drawn)
    groups = _groups(asked, samples.rows, keys, settings)
    rows: list[Row] = []
    with threadpool_limits(1):
        for model in track(models, len(models), "Leaving out groups"):
            rows += _of_model(settings, groups, model, keys, embeddings / model, samples)
    means = _means(rows, settings)
    rows = [*({**row, "score": text(row["score"])} for row in rows), *means]
    with whole_file(output) as path, path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({"label": asked.name, **row} for row in rows)


def _groups(
    target: Target, table: pa.Table, keys: Sequence[ShardKey], settings: Settings
) -> Groups:
    names, places = (np.array(table[name].to_pylist(), str) for name in ("sample_id", "place"))
    order, sorted_by_id = np.argsort(names), np.argsort(target.ids)
    ids, labels = target.ids[sorted_by_id], target.values[sorted_by_id]
    rows = np.searchsorted(names[order], ids).clip(max=len(order) - 1)
    here = names[order][rows] == ids
    rows = order[rows[here]]
    if len(rows) == 0:
        raise UserError(f"{target.name}: none of its {len(ids)} samples is in the catalogue.")
    pattern = settings.probes.groups
    asked = Asked(ids[here], labels[here], _named(places[rows], pattern))
    found = np.unique(asked.blocks)
    if len(found) < 3:
        raise UserError(
            f"`probes.groups` makes {len(found)} groups of the labelled places ({', '.join(found)})"
            "; leaving one out and choosing over the others takes 3 or more."
        )
    shown = places[_training(table, pretraining_shards(settings, keys))]
    seen = {_group(place, pattern) for place in shown} - {None}
    return Groups(asked, frozenset(seen), target.kind)


def _training(table: pa.Table, keys: Sequence[ShardKey]) -> npt.NDArray[np.bool_]:
    """Which rows of the catalogue pretraining might see."""
    columns = (table[name].to_pylist() for name in ("corpus", "shard", "split"))
    seen = {(*key, "train") for key in keys}
    return np.array([row in seen for row in zip(*columns, strict=True)], bool)


def _named(places: Array, pattern: str) -> Array:
    groups = [_group(place, pattern) for place in places]
    for place, group in zip(places, groups, strict=True):
        if group is None:
            raise UserError(
                f"`probes.groups` is {pattern!r}, which the place {str(place)!r} does not match."
            )
    return np.array(groups, str)


def _group(place: str, pattern: str) -> str | None:
    """The group of a place; none where the pattern does not match."""
    match = re.search(pattern, place)
    return match and (match[1] if match.re.groups else match[0])


def _of_model(
    settings: Settings,
    groups: Groups,
    model: str,
    keys: Sequence[ShardKey],
    folder: Path,
    samples: AcceptedSamples,
) -> Iterator[Row]:
    found, values = gather(groups.asked.ids, keys, folder, samples)
    check_found(found, groups.asked, folder)
    here = groups._replace(asked=groups.asked.of(found))
    if len(found) < len(groups.asked.ids):
        LOGGER.warning("%s: holds %d of %d labelled samples; the others are left out.",
                       folder, len(found), len(groups.asked.ids))  # fmt: skip
    features, method, encoder = model.split("/")
    network, seed = seeded(encoder, settings.seed)
    name = {"features": features, "method": method, "encoder": network, "seed": seed}
    learns = method != "none" or network == FITTED
    for group in np.unique(here.asked.blocks):
        inside = here.asked.blocks == group
        seen = learns and group in here.seen
        for probe in PROBES:
            row = _left_out(probe, settings.probes, here, values, inside)
            yield {**name, "probe": probe, "group": str(group), "seen": int(seen), **row}


def _left_out(probe: str, chosen: Probes, groups: Groups, values: Array, inside: Array) -> Row:
    shown = groups.asked.of(np.flatnonzero(~inside))
    folds = len(np.unique(shown.blocks))
    given = (groups.kind, values[~inside], shown.labels, shown.blocks)
    fitted: Fitted = (
        fit_probe(*given, chosen.strengths, folds)
        if probe == "linear" else fit_neighbours(*given, folds)
    )  # fmt: skip
    measure, score = _scored(groups.kind, fitted, values[inside], groups.asked.labels[inside])
    best = fitted.strength if isinstance(fitted, FittedProbe) else fitted.count
    return {"samples": int(inside.sum()), "measure": measure, "score": score, "chosen": f"{best:g}"}


def _scored(kind: str, fitted: Fitted, values: Array, truth: Array) -> tuple[str, float]:
    """Measure and score; NaN where a group has one class or one number."""
    if kind == "classification" and len(fitted.classes) == 2:
        if set(truth) != set(fitted.classes):
            return "auc", float("nan")
        certain = fitted.probabilities(values)[:, 1]
        return "auc", float(roc_auc_score(truth == fitted.classes[1], certain))
    classes = tuple(np.union1d(truth, fitted.classes)) if kind == "classification" else ()
    sums = block_sums(kind, truth, fitted.predict(values), np.zeros(len(truth)), classes)
    return MEASURES[kind], float(scores_of(kind, sums[0])[MEASURES[kind]])


def _means(rows: Sequence[Row], settings: Settings) -> Iterator[Row]:
    """The mean over the groups of each model and probe, beside that of pixel statistics."""
    kinds = list(dict.fromkeys(_key(row) for row in rows))
    scores = {kind: _scores(rows, kind) for kind in kinds}
    for kind in kinds:
        first = next(row for row in rows if _key(row) == kind)
        own = scores[kind]
        row = {**first, "group": MEAN, "chosen": "", "samples": "",
               "seen": max(row["seen"] for row in rows if _key(row) == kind)}  # fmt: skip
        row |= told("score", "", _mean(own, settings))
        than = next((one for one in kinds if one[0] == kind[0] and one[2] == PIXELS
                     and one[4] == kind[4]), None)  # fmt: skip
        if than is not None and than != kind:
            row |= compared("pixels", _mean(own - scores[than], settings))
        yield row


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("features", "method", "encoder", "seed", "probe"))


def _scores(rows: Sequence[Row], kind: tuple[Any, ...]) -> npt.NDArray[np.float64]:
    return np.array([row["score"] for row in rows if _key(row) == kind])


def _mean(scores: npt.NDArray[np.float64], settings: Settings) -> Interval:
    """The mean over groups that have a score, and its interval over draws of groups."""
    defined, chosen = scores[np.isfinite(scores)], settings.probes
    if len(defined) < 2:
        return Interval(float(defined.mean()) if len(defined) else np.nan, np.nan, np.nan)
    drawn = resamples(len(defined), chosen.draws, settings.seed) @ defined / len(defined)
    return interval(np.concatenate([[defined.mean()], drawn]), chosen.confidence)
