"""Pieces of Markdown pages."""

from collections.abc import Mapping, Sequence
from typing import Any


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows as a table, with the columns of the last row; what a row lacks stays empty."""
    names = list(rows[-1])
    lines = [names, ["---"] * len(names), *([row.get(name, "") for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(map(_plain, line))} |" for line in lines)


def listed(values: Mapping[str, Any]) -> str:
    """Names and values in one line, sorted by name."""
    return ", ".join(f"{name} {value}" for name, value in sorted(values.items()))


def bullets(lines: Sequence[str]) -> str:
    """A list."""
    return "\n".join(f"- {line}" for line in lines)


def _plain(cell: str) -> str:
    """Text that cannot end a cell or a row."""
    return " ".join(cell.replace("|", "\\|").split())
