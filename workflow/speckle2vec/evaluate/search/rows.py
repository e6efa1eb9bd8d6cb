"""Embeddings that are searched: where each sample is, and unit vectors block by block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.products.accepted import read_accepted
from speckle2vec.products.embeddings import WIDTH, check_parts, embedding_values
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.parquet import table_reader
from speckle2vec.products.refused import refused

PLACES = ("id", "corpus", "longitude", "latitude", "dates")
ROWS_TOGETHER = 8_192
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Piece:
    """One row group of a file, and which of its rows count."""

    path: Path
    group: int
    rows: IntArray


@dataclass(frozen=True)
class Rows:
    """Samples in catalogue order; a sample is known by its row."""

    places: pa.Table
    """Columns `id`, `corpus`, `longitude`, `latitude` and `dates`."""
    pieces: tuple[Piece, ...]

    def __len__(self) -> int:
        return len(self.places)

    def blocks(self) -> Iterator[tuple[int, FloatArray]]:
        """First row and unit vectors (sample, 1024) of blocks that are worth a search.

        Raises:
            UserError: A file is damaged, has another width, or holds what is not finite.
        """
        start, waiting = 0, list[FloatArray]()
        for piece in self.pieces:
            waiting.append(_read(piece, piece.rows))
            if sum(map(len, waiting)) >= ROWS_TOGETHER:
                yield start, np.concatenate(waiting)
                start, waiting = start + sum(map(len, waiting)), []
        if waiting:
            yield start, np.concatenate(waiting)

    def take(self, rows: IntArray) -> FloatArray:
        """Unit vectors of some rows; only the row groups that hold them are read."""
        ends = np.cumsum([len(piece.rows) for piece in self.pieces])
        pieces = np.searchsorted(ends, rows, side="right")
        taken = np.empty((len(rows), WIDTH), np.float32)
        for number in np.unique(pieces):
            here, piece = pieces == number, self.pieces[number]
            first = ends[number] - len(piece.rows)
            taken[here] = _read(piece, piece.rows[rows[here] - first])
        return taken


def rows_of_table(path: Path) -> Rows:
    """The samples of one table, such as `results/embeddings.parquet`.

    Raises:
        UserError: It is missing, damaged, or no table of embeddings with positions.
    """
    with refused(path), table_reader(path) as file:
        _check_columns(path, file.schema_arrow, (*PLACES, "embedding"))
        counts = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
        places = file.read(list(PLACES))
    pieces = (Piece(path, group, np.arange(count)) for group, count in enumerate(counts))
    return Rows(places.select(PLACES).combine_chunks(), tuple(pieces))


def rows_of_parts(keys: Sequence[ShardKey], catalogue: Path, folder: Path) -> Rows:
    """The samples of a model that the catalogue accepts and that have an embedding.

    Args:
        keys: All shards, in catalogue order.
        catalogue: The merged catalogue.
        folder: Folder of the model's parts.

    Raises:
        UserError: A part is missing or damaged, or there is no sample.
    """
    check_parts(keys, folder)
    samples = read_accepted(catalogue, PLACES[1:], keys)
    places, pieces = [], []
    for key in keys:
        mine = samples.of(key).select(("sample_id", *PLACES[1:])).rename_columns(PLACES)
        path = key.part(folder, ".parquet")
        positions = pc.index_in(mine["id"], _names(path))
        places.append(mine.filter(pc.is_valid(positions)))
        rows = positions.drop_null().to_numpy().astype(np.int64)
        pieces.append(Piece(path, 0, rows))
    if not sum(map(len, places)):
        raise UserError(f"{folder}: holds no embedding of a sample that {catalogue} accepts.")
    return Rows(pa.concat_tables(places).combine_chunks(), tuple(pieces))


def _names(path: Path) -> pa.Array:
    with refused(path), table_reader(path) as file:
        _check_columns(path, file.schema_arrow, ("id", "embedding"))
        if file.num_row_groups > 1:
            raise UserError(f"{path}: is no part of embeddings; it has several row groups.")
        return file.read(["id"])["id"].combine_chunks()


def _check_columns(path: Path, schema: pa.Schema, needed: Sequence[str]) -> None:
    for name in needed:
        if name not in schema.names:
            raise UserError(
                f"{path}: has no column `{name}`, which a table of embeddings has; name one such "
                "as results/embeddings.parquet, which `speckle2vec export` writes."
            )
    kind = schema.field("embedding").type
    width = kind.list_size if pa.types.is_fixed_size_list(kind) else None
    if width != WIDTH:
        held = f"{width} numbers" if width else f"{kind}"
        raise UserError(
            f"{path}: its embeddings hold {held} each, and not {WIDTH}; they are of another "
            "program or were compressed. Name a table that `speckle2vec export` wrote."
        )


def _read(piece: Piece, rows: IntArray) -> FloatArray:
    """Unit vectors of some rows of a row group."""
    with refused(piece.path), table_reader(piece.path) as file:
        if not len(rows):
            return np.empty((0, WIDTH), np.float32)
        table = file.read_row_group(piece.group, ["id", "embedding"])
    values = embedding_values(table["embedding"])[rows]
    broken = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(broken):
        name = table["id"][int(rows[broken[0]])]
        raise UserError(
            f"{piece.path}: the embedding of {name} is not finite (NaN or infinite), as are "
            f"{len(broken) - 1} others beside it; remove the file and run the same command again."
        )
    return unit(values)


def unit(values: FloatArray) -> FloatArray:
    """Vectors of length 1; nothing stays nothing."""
    lengths = np.linalg.norm(values, axis=-1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)
