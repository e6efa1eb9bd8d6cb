"""What one sample, or the sample at a point, is most like."""

import difflib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.evaluate.search.csv import TOLD, kilometres, positions, told
from speckle2vec.evaluate.search.index import read_index
from speckle2vec.evaluate.search.rows import FloatArray, Rows
from speckle2vec.products.sphere import unit_vectors
from speckle2vec.progress import LOGGER
from speckle2vec.settings.root import Settings
from speckle2vec.settings.search import Search

COLUMNS = ("id", *TOLD, "cosine", "kilometres")
STALE = 0.01
"""Cosines of an index and of its embeddings differ by less than this, float16 included."""
IntArray = npt.NDArray[np.int64]


def similar(
    settings: Settings, rows: Rows, row: int, count: int, index: Path | None
) -> list[list[Any]]:
    """The most similar other samples, as lines of `COLUMNS`.

    Cosines are those of the embeddings themselves, also where an index found the samples.

    Args:
        settings: All settings; the group `search` counts.
        rows: The samples.
        row: The one that is asked.
        count: How many are listed.
        index: An index of them; every sample is compared without one.

    Raises:
        UserError: The count is below 1, or the index is not of these samples.
    """
    if count < 1:
        raise UserError(f"--count {count} asks for nothing; ask for 1 or more.")
    asked = rows.take(np.array([row]))[0]
    found, cosines = (
        _by_index(settings.search, rows, asked, count + 1, index)
        if index
        else _one_by_one(settings.search, rows, asked, count + 1)
    )
    kept = np.flatnonzero(found != row)[:count]
    points = positions(rows)
    apart = kilometres(points[found[kept]], points[row])
    return [
        [rows.places["id"][int(other)], *told(rows, int(other)), f"{cosine:.6f}",
         f"{length:.3f}" if np.isfinite(length) else ""]
        for other, cosine, length in zip(found[kept], cosines[kept], apart, strict=True)
    ]  # fmt: skip


def _one_by_one(
    wanted: Search, rows: Rows, asked: FloatArray, most: int
) -> tuple[IntArray, FloatArray]:
    if len(rows) > wanted.exact:
        LOGGER.info("Comparing all %d samples; an --index answers sooner", len(rows))
    found, cosines = np.empty(0, np.int64), np.empty(0, np.float32)
    for start, vectors in rows.blocks():
        found = np.concatenate([found, np.arange(start, start + len(vectors))])
        cosines = np.concatenate([cosines, vectors @ asked])
        found, cosines = _best(found, cosines, most)
    return found, cosines


def _by_index(
    wanted: Search, rows: Rows, asked: FloatArray, most: int, path: Path
) -> tuple[IntArray, FloatArray]:
    index = read_index(path, rows, wanted.threads)
    told_cosines, found = (values[0] for values in index.search(asked[None], min(most, len(rows))))
    told_cosines, found = told_cosines[found >= 0], found[found >= 0]
    cosines = np.asarray(rows.take(found) @ asked, np.float32)
    if np.abs(cosines - told_cosines).max(initial=0) > STALE:
        raise UserError(
            f"{path}: indexes other embeddings than these; make it anew with "
            "`speckle2vec search-index`."
        )
    return _best(found, cosines, most)


def _best(found: IntArray, cosines: FloatArray, most: int) -> tuple[IntArray, FloatArray]:
    """The greatest cosines; of equals the first row leads."""
    order = np.lexsort((found, -cosines))[:most]
    return found[order], np.clip(cosines[order], -1, 1)


def row_of_id(rows: Rows, name: str) -> int:
    """The row of a sample.

    Raises:
        UserError: There is no such sample; the nearest names are told.
    """
    row = pc.index(rows.places["id"], name).as_py()
    if row >= 0:
        return int(row)
    near = difflib.get_close_matches(name, rows.places["id"].to_pylist(), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "its ids are such as " + ", ".join(
        rows.places["id"].slice(0, 3).to_pylist()
    ) + "."  # fmt: skip
    raise UserError(f"There is no sample `{name}` among {len(rows)} embeddings; {hint}")


def row_of_point(rows: Rows, text: str, reach_km: float) -> int:
    """The row of the sample whose centre is nearest to a point, `lon,lat`.

    Raises:
        UserError: The text is no point, or no sample is near.
    """
    longitude, latitude = _degrees(text)
    point = unit_vectors(np.array([longitude]), np.array([latitude]))
    apart = kilometres(positions(rows), point)
    if not np.isfinite(apart).any():
        raise UserError("No sample has a position; name a sample by --id.")
    row = int(np.nanargmin(apart))
    name = rows.places["id"][row]
    if apart[row] > reach_km:
        where = ",".join(told(rows, row)[:2])
        raise UserError(
            f"No sample lies within {reach_km:g} km of {text}: the nearest, {name} at {where}, is "
            f"{apart[row]:.1f} km away. Name a point nearer to a sample, or raise "
            "`search.reach_km`."
        )
    LOGGER.info("The sample nearest to %s is %s, %.1f km away", text, name, apart[row])
    return row


def _degrees(text: str) -> tuple[float, float]:
    try:
        longitude, latitude = (float(part) for part in text.split(","))
    except ValueError:
        longitude = latitude = float("nan")
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise UserError(
            f"`{text}` is no point; write longitude and latitude in degrees, such as "
            "--point=10.5,47.2."
        )
    return longitude, latitude
