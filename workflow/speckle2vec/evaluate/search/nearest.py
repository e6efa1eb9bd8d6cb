"""The stage: what each sample is most like, and from that duplicates and outliers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speckle2vec.errors import UserError
from speckle2vec.evaluate.search.index import read_index
from speckle2vec.evaluate.search.rows import Rows
from speckle2vec.products.parquet import table_reader, table_writer
from speckle2vec.products.refused import refused
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import track
from speckle2vec.settings.root import Settings

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("nearest", pa.list_(pa.string()), nullable=False),
        pa.field("cosines", pa.list_(pa.float32()), nullable=False),
    ]
)
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


def nearest_of_all(settings: Settings, rows: Rows, index: Path, output: Path) -> None:
    """Write, for every sample, the most similar others, the most similar first.

    Memory is that of the index and of a block.

    Args:
        settings: All settings; the group `search` counts.
        rows: The samples.
        index: Their index.
        output: `results/search/{model}/nearest.parquet`.

    Raises:
        UserError: The index is not of these samples, or an embedding is damaged.
    """
    wanted = settings.search
    opened = read_index(index, rows, wanted.threads)
    total = -(-len(rows) // 8192)
    with whole_file(output) as target, table_writer(target, SCHEMA) as file:
        for start, vectors in track(rows.blocks(), total, "Comparing samples"):
            file.write_table(_block(opened, rows, start, vectors, wanted.nearest))


def _block(index: Any, rows: Rows, start: int, vectors: FloatArray, most: int) -> pa.Table:  # noqa: ANN401
    cosines, found = index.search(vectors, min(most + 1, len(rows)))
    kept = without_itself(found, np.arange(start, start + len(vectors)))
    counts = kept.sum(axis=1)
    ends = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    names = rows.places["id"].take(pa.array(found[kept])).combine_chunks()
    values = pa.array(np.clip(cosines[kept], -1, 1), pa.float32())
    columns = [
        rows.places["id"].slice(start, len(vectors)).combine_chunks(),
        pa.ListArray.from_arrays(ends, names),
        pa.ListArray.from_arrays(ends, values),
    ]
    return pa.table(columns, schema=SCHEMA)


def without_itself(found: IntArray, own: IntArray) -> npt.NDArray[np.bool_]:
    """Which of the rows found count: all but the sample itself, or the last where it is missing.

    Args:
        found: Rows found, -1 where there are no more, (sample, found).
        own: The samples' own rows, (sample).
    """
    itself = found == own[:, None]
    itself[~itself.any(axis=1), -1] = True
    return np.asarray(~itself & (found >= 0))


def read_nearest(path: Path) -> Iterator[pa.Table]:
    """The table block by block.

    Raises:
        UserError: It is missing, damaged or another table.
    """
    with refused(path), table_reader(path) as file:
        if file.schema_arrow.names != SCHEMA.names:
            raise UserError(f"{path}: is no table of `speckle2vec search-nearest`.")
        for group in range(file.num_row_groups):
            yield file.read_row_group(group)
