"""How well a probe tells a label in groups of places, such as countries, it never saw.

Each group is left out in turn: a probe is fitted on all others, its strength chosen by leaving
out those in turn, and asked the one left out. A pooled figure would hide that a probe on a few
scenes may do well in five countries and fail in the sixth.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.choices import seeded
from speckle2vec.evaluate.gathering import check_found, gather
from speckle2vec.evaluate.probes.group_means import Row, means_of
from speckle2vec.evaluate.probes.grouping import Groups, check_groups, grouped
from speckle2vec.evaluate.probes.knn import FittedNeighbours, fit_neighbours
from speckle2vec.evaluate.probes.probe import FittedProbe, fit_probe
from speckle2vec.evaluate.probes.scores import MEASURES, block_sums, scores_of
from speckle2vec.measures.intervals import text
from speckle2vec.products.accepted import AcceptedSamples, read_accepted
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.probes import read_target
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER, track
from speckle2vec.settings.evaluate import Probes
from speckle2vec.settings.root import Settings

PROBES = ("linear", "neighbours")
FITTED = "pca"
"""The baseline that is fitted on training blocks."""
COLUMNS = (
    "label", "features", "method", "encoder", "seed", "probe", "group", "samples", "seen",
    "measure", "score", "low", "high", "minus_pixels", "minus_pixels_low", "minus_pixels_high",
    "better_than_pixels", "chosen",
)  # fmt: skip
Array = npt.NDArray[Any]
Fitted = FittedProbe | FittedNeighbours


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
    groups = grouped(asked, samples.rows, keys, settings)
    rows: list[Row] = []
    with threadpool_limits(1):
        for model in track(models, len(models), "Leaving out groups"):
            rows += _of_model(settings, groups, model, keys, embeddings / model, samples)
    means = means_of(rows, settings)
    rows = [*({**row, "score": text(row["score"])} for row in rows), *means]
    with whole_file(output) as path, path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({"label": asked.name, **row} for row in rows)


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
    check_groups(f"{folder}: holds embeddings of", np.unique(here.asked.blocks))
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
