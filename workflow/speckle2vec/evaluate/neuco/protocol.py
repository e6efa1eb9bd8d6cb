"""The protocol of NeuCo-Bench on a table of embeddings, with ridge regression beside it.

The protocol's layer takes ten epochs whatever the number of samples and so is far from fitted
on few; ridge regression, its strength chosen within the fitted samples of the same splits,
says what a linear layer reaches.
"""

import csv
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import RidgeClassifierCV, RidgeCV
from sklearn.metrics import f1_score, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.errors import UserError
from speckle2vec.evaluate.neuco.linear import protocol_draws, protocol_scores, splits
from speckle2vec.evaluate.neuco.submission import read_submission
from speckle2vec.evaluate.neuco.submission_rows import Block
from speckle2vec.evaluate.neuco.tasks import Task, read_tasks
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER, track

COLUMNS = (
    "task", "kind", "measure", "samples", "left_out",
    "q", "mean", "std", "ridge_q", "ridge_mean", "ridge_std",
)  # fmt: skip
MEASURES = {"regression": "r2", "classification": "f1"}
LEAST_SAMPLES = 11
"""From so many on two are held out, without which there is no R2."""
PENALTIES = tuple(10.0**power for power in range(-1, 6))
FloatArray = npt.NDArray[np.float64]


def probe_tasks(folder: Path, embeddings: Path, output: Path) -> None:
    """Write one row a task and one of all, by the published protocol (arXiv:2510.17914).

    `q` is 2 * mean / (0.02 + std) over the splits, at most 100, without a lower bound; that of
    all tasks is the mean of theirs. Embeddings are standardised by one mean and one standard
    deviation of all their numbers, labels are brought to 0..1, both before the splits.

    Args:
        folder: Files `<task>__<regr|cls>.csv` with the columns `id` and `label`.
        embeddings: A valid submission, CSV.
        output: The table, CSV.

    Raises:
        UserError: A file is wrong, or a task has too few samples or one class.
    """
    tasks = read_tasks(folder)
    held = read_submission(embeddings, [name for task in tasks for name in task.ids])
    held = Block(held.ids, _standardised(held.values))
    paired = [_paired(task, held, embeddings) for task in tasks]
    with threadpool_limits(1), protocol_draws():
        rows = [_row(*one) for one in track(paired, len(paired), "Probing tasks")]
    _write([*rows, _overall(rows)], output)


def quality(scores: FloatArray) -> float:
    """The Q score of the scores of all splits."""
    return float(2 * np.nanmean(scores) / (0.02 + np.nanstd(scores)))


def ridge_scores(kind: str, values: FloatArray, labels: FloatArray) -> FloatArray:
    """The score of ridge regression on the same splits, (split)."""
    regression = kind == "regression"
    layer = RidgeCV(PENALTIES) if regression else RidgeClassifierCV(
        PENALTIES, class_weight="balanced"
    )  # fmt: skip
    model = make_pipeline(StandardScaler(), layer)
    measure = r2_score if regression else partial(f1_score, zero_division=0.0)
    asked = labels if regression else labels.astype(int)
    return np.array([
        measure(asked[held], model.fit(values[fitted], asked[fitted]).predict(values[held]))
        if len(np.unique(asked[fitted])) > 1 else np.nan
        for fitted, held in splits(len(labels))
    ])  # fmt: skip


def _standardised(values: FloatArray) -> FloatArray:
    spread = float(values.std()) if len(values) else 0.0
    return (values - values.mean()) / (spread or 1.0) if len(values) else values


def _paired(task: Task, held: Block, path: Path) -> tuple[Task, FloatArray, int]:
    """A task with its embeddings and how many ids have none, its labels from 0 to 1."""
    order = np.argsort(held.ids)
    places = np.searchsorted(held.ids[order], task.ids).clip(max=max(len(order) - 1, 0))
    found = held.ids[order][places] == task.ids if len(order) else np.zeros(len(task.ids), bool)
    _check_found(task, int(found.sum()), path, found)
    labels = task.labels[found]
    if np.ptp(labels) == 0:
        raise UserError(
            f"The task {task.name!r}: all {len(labels)} samples with an embedding have the label "
            f"{labels[0]:g}; there is nothing to tell apart."
        )
    labels = (labels - labels.min()) / np.ptp(labels)
    values = held.values[order[places[found]]]
    return task._replace(ids=task.ids[found], labels=labels), values, int((~found).sum())


def _check_found(task: Task, count: int, path: Path, found: npt.NDArray[np.bool_]) -> None:
    if count < len(found):
        LOGGER.warning(
            "%s: holds no embedding of %d of the %d samples of the task %r, such as %s; the "
            "protocol leaves them out.",
            path, len(found) - count, len(found), task.name, task.ids[~found][0],
        )  # fmt: skip
    if count < LEAST_SAMPLES:
        raise UserError(
            f"The task {task.name!r} has {count} samples with a label and an embedding in {path}; "
            f"the protocol holds out a tenth and needs {LEAST_SAMPLES} or more. Compare the ids of "
            "both files."
        )


def _row(task: Task, values: FloatArray, left_out: int) -> dict[str, Any]:
    scores = protocol_scores(task.kind, values.astype(np.float32), task.labels.astype(np.float32))
    ridge = ridge_scores(task.kind, values, task.labels)
    row = {"task": task.name, "kind": task.kind, "measure": MEASURES[task.kind],
           "samples": len(task.ids), "left_out": left_out}  # fmt: skip
    for name, found in (("", scores), ("ridge_", ridge)):
        row |= {f"{name}q": quality(found), f"{name}mean": float(np.nanmean(found)),
                f"{name}std": float(np.nanstd(found))}  # fmt: skip
    return row


def _overall(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    means = {name: float(np.mean([row[name] for row in rows])) for name in ("q", "ridge_q")}
    return {"task": "all", "samples": "", **means}


def _write(rows: Sequence[dict[str, Any]], output: Path) -> None:
    for row in rows:
        LOGGER.info("%s: Q %.2f, ridge regression %.2f", row["task"], row["q"], row["ridge_q"])
    told = [
        {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in row.items()}
        for row in rows
    ]
    with whole_file(output) as target, target.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(told)
