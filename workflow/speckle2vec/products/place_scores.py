"""What classifiers of places say of all samples, on disk.

Parquet, with what it means as JSON in the metadata.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from speckle2vec.products.parquet import (
    about_of,
    checked,
    read_table,
    table_reader,
    table_writer,
    told,
)
from speckle2vec.products.refused import refused
from speckle2vec.products.whole import whole_file

Texts = npt.NDArray[Any]
Doubles = npt.NDArray[np.float64]
TEXTS = ("id", "label", "split", "block")
ROWS = 16_384
"""Rows of scores that are looked through at a time."""


@dataclass(frozen=True)
class PlaceScores:
    """What one classifier says of every embedded sample."""

    about: Mapping[str, Any]
    """Name, classes, positive class, how it was fitted, versions."""
    ids: Texts
    blocks: Texts
    splits: Texts
    labels: Texts
    """Empty where a sample has none."""
    probabilities: Doubles
    """(sample, class) in the order of `classes`."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of the probabilities."""
        return tuple(self.about["classes"])

    @property
    def positive(self) -> Doubles:
        """Probabilities of the class that is looked for, (sample)."""
        return self.probabilities[:, self.classes.index(self.about["positive"])]


@contextmanager
def new_scores(path: Path, about: Mapping[str, Any]) -> Iterator["ScoreWriter"]:
    """Write scores shard by shard: `id`, `label`, `split`, `block`, one column a class.

    Args:
        path: `results/places/{name}/{model}/scores.parquet`.
        about: `classes`, `positive` and whatever else a reader should know.
    """
    names = [column_of(one) for one in about["classes"]]
    texts = [pa.field(name, pa.string()) for name in TEXTS]
    schema = pa.schema([*texts, *(pa.field(name, pa.float64()) for name in names)])
    schema = schema.with_metadata(told(about))
    with (
        whole_file(path) as written,
        table_writer(written, schema) as writer,
    ):
        yield ScoreWriter(writer, schema)


@dataclass(frozen=True)
class ScoreWriter:
    """Scores that are being written."""

    writer: pq.ParquetWriter
    schema: pa.Schema

    def add(self, samples: pa.Table, probabilities: npt.NDArray[np.floating[Any]]) -> None:
        """Write the next samples.

        Args:
            samples: `id`, `label`, `split` and `block`.
            probabilities: (sample, class).
        """
        columns = [samples[name] for name in TEXTS]
        columns += [pa.array(column) for column in probabilities.astype(np.float64).T]
        self.writer.write_table(pa.table(columns, schema=self.schema))


def read_scores(path: Path) -> PlaceScores:
    """Read the scores of one classifier.

    Raises:
        UserError: The file is missing, damaged, or holds no scores.
    """
    return _scores_of(read_table(path), path)


def read_labelled_scores(path: Path, splits: Sequence[str]) -> PlaceScores:
    """Read what one classifier says of the labelled samples of some splits, sorted by id.

    Memory holds those and a block of rows. Rows are looked at one by one, since Parquet's own
    filters trust bounds of columns that no checksum guards.

    Raises:
        UserError: As `read_scores`.
    """
    with refused(path), table_reader(path) as file:
        parts = [file.schema_arrow.empty_table()]
        for batch in file.iter_batches(ROWS):
            rows = checked(pa.Table.from_batches([batch], file.schema_arrow))
            wanted = pc.is_in(rows["split"], pa.array(splits, pa.string()))
            parts.append(rows.filter(pc.and_(wanted, rows["label"].is_valid())))
        table = pa.concat_tables(parts).sort_by("id")
    return _scores_of(table, path)


def _scores_of(table: pa.Table, path: Path) -> PlaceScores:
    with refused(path):
        about = about_of(table.schema)
        ids, blocks, splits, labels = (
            np.array([value or "" for value in table[name].to_pylist()], dtype=str)
            for name in ("id", "block", "split", "label")
        )
        columns = [table[column_of(one)].to_numpy() for one in about["classes"]]
        return PlaceScores(about, ids, blocks, splits, labels, np.stack(columns, axis=1))


def column_of(label: str) -> str:
    """The column that holds the probability of a class."""
    return f"probability of {label}"
