"""Rows of the table of runs on labels, as the page and the figures read them."""

from collections.abc import Mapping, Sequence

from speckle2vec.settings.landcover import PIXELS, RANDOM_ENCODER

Row = Mapping[str, object]
Rows = Sequence[Row]
SPLITS = {"blocks": "spatial blocks", "random": "random split"}
Place = tuple[str, str, str]
"""Features, share and split: what was scored on the same pixels."""


def place_of(row: Row) -> Place:
    """What a row shares with those it is compared with."""
    return str(row["features"]), str(row["share"]), str(row["split"])


def final_rows(rows: Rows) -> list[Row]:
    """One row a run: the one over all seeds where there are several."""
    kept = {(*place_of(row), row["method"], row["encoder"], row["mode"]): row for row in rows}
    return list(kept.values())


def is_baseline(row: Row) -> bool:
    """Whether a run stands beside the encoders that are compared."""
    return row["method"] == PIXELS or row["encoder"] == RANDOM_ENCODER


def named(row: Row) -> str:
    """A run beside the others, for a person."""
    if row["method"] == PIXELS:
        return f"{row['encoder']}, pixel by pixel"
    return f"{row['encoder']}, {row['mode']}"


def percent(value: object) -> str:
    """A figure of the table, percent with one digit."""
    return f"{100 * float(str(value)):.1f}" if value != "" else "undefined"
