"""Which samples are near which: the one table Tile2Vec draws its neighbours from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.spatial import cKDTree

from speckle2vec.errors import UserError
from speckle2vec.ingest.nearest import DoubleArray, IntArray, Split
from speckle2vec.products.catalogue import accepted, read_catalogue_part
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.neighbours import SCHEMA, Nearness, about_samples, write_neighbours
from speckle2vec.products.sphere import unit_vectors
from speckle2vec.progress import LOGGER
from speckle2vec.settings.root import Settings
from speckle2vec.settings.stages import Neighbours

SPLITS = ("train", "validation")
COLUMNS = ("sample_id", "longitude", "latitude", "split", "verdict")
ROWS_TOGETHER = 8_192


def make_neighbours(
    settings: Settings, keys: Sequence[ShardKey], catalogue: Path, output: Path
) -> None:
    """Write the neighbours of every training and validation sample (paper, section 3.2).

    Neighbours are of the same split, so that nothing leaks between them. Two samples of
    one place, such as other dates, are neighbours at distance 0. Only positions are held
    in memory; neighbours are looked for and written block by block.

    Args:
        settings: All settings; the group `neighbours` counts.
        keys: The shards pretraining may see, in catalogue order.
        catalogue: Folder of the catalogue's parts, `results/catalogue`.
        output: The product, `results/neighbours.parquet`.

    Raises:
        UserError: A part is missing or damaged, or no sample has a position.
    """
    drawn = settings.drawn
    table = _samples(keys, catalogue, drawn)
    placed = table.filter(
        pc.and_(pc.is_finite(table["longitude"]), pc.is_finite(table["latitude"]))
    )
    if not len(placed):
        raise UserError(_no_positions(len(table), len(keys)))
    wanted = settings.neighbours
    left_out = len(table) - len(placed)
    nearness = Nearness(**wanted.model_dump(), without_position=left_out)
    blocks = _blocks(placed.combine_chunks(), wanted)
    write_neighbours(output, blocks, nearness, about_samples(keys, drawn))
    if left_out:
        LOGGER.warning("%d samples have no position and are left out of the table.", left_out)


def _samples(keys: Sequence[ShardKey], catalogue: Path, drawn: Mapping[str, Any]) -> pa.Table:
    """Accepted samples of the two splits; of an id that is there twice, the first."""
    parts = [
        read_catalogue_part(key.part(catalogue, ".parquet"), key, COLUMNS, drawn) for key in keys
    ]
    table = accepted(pa.concat_tables(parts))
    table = table.filter(pc.is_in(table["split"], pa.array(SPLITS)))
    again = table["sample_id"].to_pandas().duplicated().to_numpy()
    return table.filter(pa.array(~again))


def _blocks(table: pa.Table, wanted: Neighbours) -> Iterator[pa.Table]:
    """The neighbours' table, so many rows at a time."""
    longitude, latitude = (table[name].to_numpy() for name in ("longitude", "latitude"))
    vectors = unit_vectors(longitude, latitude)
    names = table["split"].to_numpy(zero_copy_only=False)
    places = [np.flatnonzero(names == name) for name in SPLITS]
    splits = [Split(rows, cKDTree(vectors[rows])) for rows in places if len(rows)]
    ids, told = table["sample_id"].combine_chunks(), Told()
    for start in range(0, len(table), ROWS_TOGETHER):
        stop = min(start + ROWS_TOGETHER, len(table))
        found, degrees = _near(splits, vectors, start, stop, wanted)
        told.count(degrees, wanted)
        yield _block(ids, longitude, latitude, start, found, degrees)
    told.say(wanted)


def _near(
    splits: Sequence[Split], vectors: DoubleArray, start: int, stop: int, wanted: Neighbours
) -> tuple[IntArray, DoubleArray]:
    """Neighbours of consecutive rows, each among its own split."""
    shape = stop - start, max(wanted.most, wanted.nearest)
    found, degrees = np.zeros(shape, np.int64), np.full(shape, np.inf)
    for split in splits:
        rows = split.rows[np.searchsorted(split.rows, start) : np.searchsorted(split.rows, stop)]
        if len(rows):
            found[rows - start], degrees[rows - start] = split.near(vectors[rows], rows, wanted)
    return found, degrees


def _block(
    ids: pa.Array,
    longitude: DoubleArray,
    latitude: DoubleArray,
    start: int,
    found: IntArray,
    degrees: DoubleArray,
) -> pa.Table:
    """Rows of the table, from neighbours padded by infinite distances."""
    known = np.isfinite(degrees)
    offsets = pa.array(np.append(0, np.cumsum(known.sum(axis=1))), pa.int32())
    own = slice(start, start + len(found))
    columns = {
        "sample_id": ids[own],
        "longitude": longitude[own],
        "latitude": latitude[own],
        "neighbours": pa.ListArray.from_arrays(offsets, ids.take(pa.array(found[known]))),
        "distances": pa.ListArray.from_arrays(offsets, pa.array(degrees[known])),
    }
    return pa.table(columns, schema=SCHEMA)


@dataclass
class Told:
    """What a person hears about the table."""

    samples: int = 0
    neighbours: int = 0
    alone: int = 0

    def count(self, degrees: DoubleArray, wanted: Neighbours) -> None:
        """Take in a block of distances."""
        self.samples += len(degrees)
        self.neighbours += int((degrees < wanted.radius).sum())
        self.alone += int((degrees[:, 0] >= wanted.radius).sum())

    def say(self, wanted: Neighbours) -> None:
        """One line at the end."""
        LOGGER.info(
            "%d samples have %.1f neighbours on average within %g degrees; for %d there are none, "
            "and the %d nearest stand in.",
            self.samples, self.neighbours / self.samples, wanted.radius, self.alone, wanted.nearest,
        )  # fmt: skip


def _no_positions(samples: int, shards: int) -> str:
    return (
        f"None of the {samples} samples in the training and validation blocks of {shards} shards "
        "has a position, so no neighbours can be found; give the corpora positions, or set "
        "`pretrain.tile2vec.neighbour` to `patch`, which needs none."
    )
