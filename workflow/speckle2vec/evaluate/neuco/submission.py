"""Embeddings as NeuCo-Bench and Embed2Scale take them: a CSV with `id,0,...,1023`.

Their loader is lenient in ways that hide mistakes: every column named by digits is a
dimension, or every column but the id where there is none; what is no number becomes 0; fewer
dimensions are filled up with 0; suffixes are cut off ids. Here each of these is refused. Ids of
digits alone it reads as numbers, so that `0000042` is `42` and has no label; that is said.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from speckle2vec.errors import UserError
from speckle2vec.evaluate.neuco.submission_rows import Block, Ids, submission_blocks
from speckle2vec.products.catalogue import accepted
from speckle2vec.products.embeddings import WIDTH
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER

SUFFIXES = (".zarr.zip", ".zarr", ".tif", ".tiff", ".npy", ".parquet")
CATALOGUE = ("sample_id", "verdict")


def check_submission(path: Path, expected: Path | None = None, output: Path | None = None) -> int:
    """See that a file is a valid submission; memory holds one block of rows and all ids.

    Args:
        path: The CSV.
        expected: Who must be in it: a CSV or Parquet table with a column `id`, or a catalogue,
            whose accepted samples count.
        output: Text to write what was found into.

    Returns:
        How many embeddings it holds.

    Raises:
        UserError: It is none; the sentence says what is wrong where.
    """
    ids = np.concatenate([np.empty(0, str), *(block.ids for block in submission_blocks(path))])
    _check_ids(path, ids)
    if expected is not None:
        _check_complete(path, ids, expected_ids(expected), expected)
    told = f"{path}: a valid submission of {len(ids)} embeddings of {WIDTH} numbers"
    LOGGER.info("%s", told)
    warned = _lost_zeros(ids)
    if warned:
        LOGGER.warning("%s", warned)
    if output is not None:
        with whole_file(output) as target:
            target.write_text("".join(f"{line}\n" for line in (told, warned) if line))
    return len(ids)


def read_submission(path: Path, wanted: Sequence[str]) -> Block:
    """The embeddings of some ids that a submission holds, in its order.

    Raises:
        UserError: The file is no valid submission.
    """
    names, seen, kept = np.unique(np.array(wanted, str)), [], []
    for block in submission_blocks(path):
        seen.append(block.ids)
        rows = np.isin(block.ids, names)
        kept.append(Block(block.ids[rows], block.values[rows]))
    _check_ids(path, np.concatenate([np.empty(0, str), *seen]))
    return Block(*(np.concatenate(parts) for parts in zip(*kept, strict=True)))


def expected_ids(path: Path) -> Ids:
    """Ids of a table: its column `id`, or the accepted samples of a catalogue.

    Raises:
        UserError: It cannot be read, or has no such column.
    """
    try:
        table = _naming_columns(path)
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"{path}: is missing or no table of ids ({error}).") from error
    if set(CATALOGUE) <= set(table.column_names):
        table = accepted(table).rename_columns({"sample_id": "id"})
    if "id" not in table.column_names:
        raise UserError(f"{path}: has no column `id` with the ids that are expected.")
    return np.array(table["id"].drop_null().to_pylist(), str)


def _naming_columns(path: Path) -> pa.Table:
    """Of a table only what names samples: embeddings of a whole corpus fill the memory."""
    if path.suffix == ".parquet":
        there = pq.read_schema(path).names
        return pq.read_table(path, columns=[name for name in ("id", *CATALOGUE) if name in there])
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        there = [name.strip().strip('"') for name in file.readline().split(",")]
    options = pyarrow.csv.ConvertOptions(
        column_types={"id": pa.string()},
        include_columns=[name for name in ("id", *CATALOGUE) if name in there],
    )
    return pyarrow.csv.read_csv(path, convert_options=options)


def _check_ids(path: Path, ids: Ids) -> None:
    if len(ids) == 0:
        raise UserError(f"{path}: holds no embedding.")
    if (ids == "").any():
        raise UserError(f"{path}: row {int(np.argmax(ids == '')) + 2} has no id.")
    for suffix in SUFFIXES:
        ends = np.char.endswith(ids, suffix)
        if ends.any():
            raise UserError(
                f"{path}: {ids[ends][0]} ends in {suffix} (as do {int(ends.sum())} ids); ids stand "
                "without the suffix of a file."
            )
    names, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        raise UserError(
            f"{path}: holds {names[counts > 1][0]} {counts[counts > 1][0]} times; each id stands "
            "there once."
        )


def _lost_zeros(ids: Ids) -> str:
    """What to know where the benchmark would take ids for numbers and no label would fit them."""
    padded = ids[np.char.startswith(ids, "0") & (np.char.str_len(ids) > 1)]
    if not len(padded) or not np.char.isdigit(ids).all():
        return ""
    return (
        f"NeuCo-Bench reads ids of digits alone as numbers, {padded[-1]} as {int(padded[-1])}, and "
        "finds no label of such an id; for its own loader give the corpus an `id_prefix`."
    )


def _check_complete(path: Path, ids: Ids, wanted: Ids, source: Path) -> None:
    missing, strange = np.setdiff1d(wanted, ids), np.setdiff1d(ids, wanted)
    for names, told in ((missing, "lacks"), (strange, "holds, though none asks for it,")):
        if len(names):
            others = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
            raise UserError(
                f"{path}: {told} {names[0]}{others}; {source} names {len(np.unique(wanted))} ids."
            )
