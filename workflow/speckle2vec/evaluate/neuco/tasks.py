"""Tasks of NeuCo-Bench: a folder of `<task>__<regr|cls>.csv`, each with `id,label`."""

import csv
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.progress import LOGGER

KINDS = {
    "regr": "regression",
    "cls": "classification",
    "regression": "regression",
    "classification": "classification",
}
"""What the part of the name behind `__` says; the longer ones stand in SSL4EO-S12-downstream."""


class Task(NamedTuple):
    """One task as its file gives it."""

    name: str
    kind: str
    """`regression` or `classification`."""
    ids: npt.NDArray[Any]
    """Text, (sample), in the order of the file, which the splits depend on."""
    labels: npt.NDArray[np.float64]
    """(sample), in the unit of the file."""


def read_tasks(folder: Path) -> list[Task]:
    """All tasks of a folder, by name; rows without label are passed over and counted.

    Args:
        folder: It holds the files, or is a copy of SSL4EO-S12-downstream, which has them in
            `labels`.

    Raises:
        UserError: There is no task, or one of them is named, labelled or written wrongly.
    """
    inside = folder / "labels"
    where = inside if inside.is_dir() and not list(folder.glob("*.csv")) else folder
    paths = sorted(where.glob("*.csv"))
    if not paths:
        raise UserError(f"{folder}: holds no task; tasks are files called <task>__<regr|cls>.csv.")
    tasks = [_read(path) for path in paths]
    names = [task.name for task in tasks]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UserError(f"{where}: holds two tasks called {twice[0]!r}; rename one of the files.")
    return sorted(tasks)


def _read(path: Path) -> Task:
    name, marked, kind = path.stem.partition("__")
    if not marked or kind not in KINDS:
        raise UserError(
            f"{path}: says by its name neither __regr nor __cls; call it <task>__regr.csv where "
            "labels are amounts, <task>__cls.csv where they are two classes."
        )
    rows = _rows(path)
    ids = np.array([row["id"] for row in rows], str)
    labels = np.array([_number(path, row) for row in rows], np.float64)
    _check(path, KINDS[kind], ids, labels)
    return Task(name, KINDS[kind], ids, labels)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: is no CSV with the columns id and label ({error}).") from error
    if not rows or not {"id", "label"} <= set(rows[0]):
        raise UserError(f"{path}: holds no row with the columns id and label.")
    told = [row for row in rows if row["label"]]
    if len(told) < len(rows):
        LOGGER.warning("%s: %d of %d rows have no label and are left out.",
                       path, len(rows) - len(told), len(rows))  # fmt: skip
    return told


def _number(path: Path, row: dict[str, str]) -> float:
    try:
        number = float(row["label"])
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        raise UserError(
            f"{path}: the label of {row['id']} is {row['label']!r} and should be a number; classes "
            "are 0 and 1."
        )
    return number


def _check(path: Path, kind: str, ids: npt.NDArray[Any], labels: npt.NDArray[np.float64]) -> None:
    names, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        raise UserError(
            f"{path}: holds {names[counts > 1][0]} {counts[counts > 1][0]} times, so that it would "
            "stand on both sides of a split; each id stands there once."
        )
    if kind == "classification" and len(np.unique(labels)) > 2:
        raise UserError(
            f"{path}: has {len(np.unique(labels))} classes; the protocol knows tasks of two."
        )
