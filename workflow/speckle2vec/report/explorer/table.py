"""What the viewer knows of each sample: a table whose columns it searches, writes and colours."""

from pathlib import Path

import pyarrow as pa

from speckle2vec.products.whole import whole_file
from speckle2vec.report.classes import Cover
from speckle2vec.report.samples import Shown, days_of


def write_rows(shown: Shown, cover: Cover | None, path: Path) -> None:
    """Write a line of names, and a line of tabbed values a sample.

    Samples and places are named behind their corpus, `demo/0000037`: the viewer takes what
    looks like a number for one, and writes 37. What is not known says so, or is empty where
    numbers stand.

    Args:
        shown: The samples.
        cover: Land cover, where labels stand.
        path: `metadata.tsv`.
    """
    columns = _columns(shown, cover)
    with whole_file(path) as target, target.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(columns) + "\n")
        for row in zip(*columns.values(), strict=True):
            file.write("\t".join(_plain(value) for value in row) + "\n")


def _columns(shown: Shown, cover: Cover | None) -> dict[str, list[object]]:
    rows = shown.rows
    corpora, ids = rows["corpus"].to_pylist(), shown.ids.tolist()
    columns: dict[str, list[object]] = {
        "sample": _named(corpora, ids),
        "corpus": corpora,
        "place": _named(corpora, rows["place"].to_pylist()),
        "date": [days_of(dates) for dates in rows["dates"].to_pylist()],
        "split": [split or "no split" for split in rows["split"].to_pylist()],
        "longitude": _rounded(rows["longitude"]),
        "latitude": _rounded(rows["latitude"]),
    }
    if cover is not None:
        names = cover.names()
        columns["land cover"] = [names[group] for group in cover.of(ids).tolist()]
    return columns


def _named(corpora: list[str], names: list[str]) -> list[object]:
    return [f"{corpus}/{name}" for corpus, name in zip(corpora, names, strict=True)]


def _rounded(column: pa.ChunkedArray) -> list[object]:
    return [None if value is None else round(value, 5) for value in column.to_pylist()]


def _plain(value: object) -> str:
    """A value on one line and between tabs, whatever is in a name."""
    return "" if value is None else " ".join(str(value).split())
