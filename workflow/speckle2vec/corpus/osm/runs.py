"""Rows in the order of their shards, however many: sorted runs on disk, then merged."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

ROWS_A_RUN = 100_000


class Runs:
    """Takes tables in any order, and gives back the rows of one shard after the other.

    Memory holds one run while it takes and one shard while it gives.
    """

    def __init__(self, folder: Path, shard: str, order: Sequence[tuple[str, str]]) -> None:
        """Start without rows.

        Args:
            folder: An empty folder for the runs.
            shard: Column of whole numbers from 0: which shard a row is of.
            order: Columns that rows of a shard are sorted by, each with `ascending`.
        """
        self._folder, self._shard, self._order = folder, shard, list(order)
        self._waiting: list[pa.Table] = []
        self._parts: dict[int, list[tuple[Path, int]]] = {}
        self._count = 0

    def add(self, table: pa.Table) -> None:
        """Take rows."""
        self._waiting.append(table)
        if sum(map(len, self._waiting)) >= ROWS_A_RUN:
            self._flush()

    def shards(self) -> Iterator[pa.Table]:
        """The rows of each shard that has some, sorted; the shards in their order."""
        self._flush()
        for shard in sorted(self._parts):
            batches = [_read(path, number) for path, number in self._parts[shard]]
            yield pa.Table.from_batches(batches).sort_by(self._order)

    def _flush(self) -> None:
        rows = sum(map(len, self._waiting))
        if not rows:
            return
        table = pa.concat_tables(self._waiting).sort_by(self._shard).combine_chunks()
        path = self._folder / f"{self._count:06d}.arrow"
        self._waiting, self._count = [], self._count + 1
        shards = table[self._shard].to_numpy()
        starts = np.flatnonzero(np.diff(shards, prepend=-1))
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            ends = np.append(starts[1:], rows)
            for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
                (batch,) = table.slice(start, end - start).to_batches()
                writer.write_batch(batch)
                self._parts.setdefault(int(shards[start]), []).append((path, number))


def _read(path: Path, number: int) -> pa.RecordBatch:
    with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as file:
        return file.get_batch(number)
