"""What lists of samples tell of each: where it is, and when it was seen."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from speckle2vec.evaluate.search.rows import Rows
from speckle2vec.products.sphere import arc_of, unit_vectors
from speckle2vec.products.whole import whole_file

EARTH_KM = 6371.0088
"""Mean radius of the Earth, km."""
TOLD = ("longitude", "latitude", "dates")
Lines = Iterable[Sequence[object]]
DoubleArray = npt.NDArray[np.float64]


def write_list(path: Path, columns: Sequence[str], lines: Lines) -> None:
    """Write a list as CSV."""
    with whole_file(path) as target, target.open("w", newline="") as stream:
        print_list(stream, columns, lines)


def print_list(stream: TextIO, columns: Sequence[str], lines: Lines) -> None:
    """Write a list as CSV where people read it."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)


def told(rows: Rows, row: int) -> list[str]:
    """Longitude, latitude and dates of a sample, as text."""
    place = rows.places.slice(row, 1).to_pylist()[0]
    return [degrees(place["longitude"]), degrees(place["latitude"]), days(place["dates"])]


def positions(rows: Rows) -> DoubleArray:
    """Points on the unit sphere, (sample, 3); NaN where a place is not known."""
    longitude, latitude = (
        rows.places[name].to_numpy(zero_copy_only=False).astype(np.float64)
        for name in ("longitude", "latitude")
    )
    return unit_vectors(longitude, latitude)


def kilometres(one: DoubleArray, other: DoubleArray) -> DoubleArray:
    """Along the great circle between points on the unit sphere."""
    arcs = arc_of(np.linalg.norm(one - other, axis=-1))
    return np.asarray(np.radians(arcs) * EARTH_KM)


def degrees(value: float | None) -> str:
    """Degrees to about 0.1 m, or nothing."""
    return "" if value is None or not np.isfinite(value) else f"{value:.6f}"


def days(dates: Sequence[datetime | None] | None) -> str:
    """Days with blanks between."""
    return " ".join(f"{date:%Y-%m-%d}" for date in dates or () if date is not None)
