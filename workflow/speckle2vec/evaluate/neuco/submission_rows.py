"""Rows of a submission, block by block, every number of them there and finite."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from speckle2vec.errors import UserError
from speckle2vec.products.embeddings import WIDTH

HEADER = ("id", *map(str, range(WIDTH)))
BLOCK_BYTES = 16_000_000
Ids = npt.NDArray[Any]


class Block(NamedTuple):
    """Some rows of a submission."""

    ids: Ids
    """Text, (sample)."""
    values: npt.NDArray[np.float64]
    """(sample, 1024)."""


def submission_blocks(path: Path) -> Iterator[Block]:
    """Rows of a submission, block by block, every number of them finite.

    Raises:
        UserError: The file cannot be read, or header or numbers are wrong.
    """
    types = {"id": pa.string(), **{name: pa.float64() for name in HEADER[1:]}}
    options = {
        "read_options": pyarrow.csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False),
        "convert_options": pyarrow.csv.ConvertOptions(column_types=types),
    }
    try:
        _check_header(path)
        with pyarrow.csv.open_csv(path, **options) as reader:
            for batch in reader:
                yield _block(path, batch)
    except (OSError, pa.ArrowException) as error:
        told = str(error).splitlines()[0][:200] if str(error) else "it is empty"
        raise UserError(
            f"{path}: is no CSV of embeddings ({told}); each row is an id and {WIDTH} numbers."
        ) from error


def _check_header(path: Path) -> None:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        names = tuple(name.strip('"') for name in file.readline().rstrip("\r\n").split(","))
    if names == HEADER:
        return
    place = next((i for i, pair in enumerate(zip(names, HEADER, strict=False))
                  if pair[0] != pair[1]), min(len(names), len(HEADER)))  # fmt: skip
    found = repr(names[place][:40]) if place < len(names) else "nothing"
    wanted = repr(HEADER[place]) if place < len(HEADER) else "nothing"
    raise UserError(
        f"{path}: column {place + 1} of {len(names)} is {found} and should be {wanted}; the header "
        f"of a submission is exactly id,0,1,...,{WIDTH - 1}."
    )


def _block(path: Path, batch: pa.RecordBatch) -> Block:
    ids = np.array([name or "" for name in batch.column(0).to_pylist()], str)
    columns = [batch.column(number + 1).to_numpy(zero_copy_only=False) for number in range(WIDTH)]
    values = np.stack(columns, axis=1)
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0]
        raise UserError(
            f"{path}: number {column} of {str(ids[row])!r} is missing, NaN or infinite; the "
            "benchmark would take it for 0. Embed that sample anew or leave it out."
        )
    return Block(ids, values)
