"""Rows of the tables of scores, as the sections read them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from speckle2vec.errors import UserError
from speckle2vec.report.training_part import read_rows

Row = Mapping[str, str]
UNDEFINED = "not defined"


def read_scores(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """Read a table of scores.

    Raises:
        UserError: It is missing, or lacks a column that is needed.
    """
    rows = read_rows(path)
    if not rows or any(name not in rows[0] for name in needed):
        raise UserError(
            f"{path}: is no table with the columns {', '.join(needed)}; remove it and run the same "
            "command again."
        )
    return rows


def number(row: Row, name: str) -> float:
    """One figure of a row; NaN where it is empty."""
    text = row.get(name, "")
    return float(text) if text else float("nan")


def interval(row: Row, name: str) -> str:
    """A score and its interval in words."""
    if not row.get(name):
        return UNDEFINED
    low, high = row.get("low"), row.get("high")
    ends = f" ({float(low):.3f} to {float(high):.3f})" if low and high else ""
    return f"{number(row, name):.3f}{ends}"
