"""What a map is asked to show, and which rows of the catalogue that is."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.grids import Box
from speckle2vec.products.catalogue import ACCEPTED, accepted, read_catalogue
from speckle2vec.products.keys import ShardKey

_COLUMNS = (
    "sample_id", "corpus", "shard", "longitude", "latitude", "crs", "affine", "height", "width",
    "verdict", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What a map shall show: samples by name, a shard, or all between bounds."""

    samples: tuple[str, ...] = ()
    """Ids."""
    shard: ShardKey | None = None
    bounds: Box | None = None
    """West, south, east, north in degrees; the centres of the samples lie between them. West
    may be larger than east, across the antimeridian."""


def wanted_rows(catalogue: Path, wanted: Wanted) -> list[Mapping[str, Any]]:
    """The accepted rows of the catalogue that a map shows, in the order asked for, else its own.

    Args:
        catalogue: The merged catalogue, or the folder of its parts.
        wanted: Which.

    Raises:
        UserError: A sample named is not there or was refused, a shard is not there, the bounds
            are upside down, or the catalogue is missing or damaged.
    """
    if wanted.bounds and wanted.bounds[1] > wanted.bounds[3]:
        raise UserError(
            f"The bounds run from {wanted.bounds[1]:g} degrees in the south to "
            f"{wanted.bounds[3]:g} in the north; give west, south, east, north."
        )
    told = [row for table in _parts(catalogue, wanted.shard) for row in _rows(table, wanted)]
    if wanted.samples:
        return _named(told, wanted.samples, catalogue)
    return [row for row in told if row["verdict"] == ACCEPTED]


def _parts(catalogue: Path, shard: ShardKey | None) -> Iterator[pa.Table]:
    paths = [catalogue]
    if catalogue.is_dir():
        every = sorted(catalogue.glob("*/*.parquet"))
        paths = [path for path in every if not shard or path == shard.part(catalogue, ".parquet")]
        if every and not paths:
            raise UserError(
                f"There is no shard {shard} in {catalogue}; `speckle2vec shards` lists those there "
                "are."
            )
    if not paths:
        raise UserError(f"{catalogue}: holds no part of a catalogue; run the workflow first.")
    for path in paths:
        yield read_catalogue(path, _COLUMNS)


def _rows(table: pa.Table, wanted: Wanted) -> list[dict[str, Any]]:
    if wanted.samples:
        chosen = pc.is_in(table["sample_id"], value_set=pa.array(wanted.samples, pa.string()))
    elif wanted.shard:
        corpus, shard = wanted.shard
        chosen = pc.and_(pc.equal(table["corpus"], corpus), pc.equal(table["shard"], shard))
    else:
        chosen = _between(table, wanted.bounds or (-180, -90, 180, 90))
    rows: list[dict[str, Any]] = table.filter(pc.fill_null(chosen, False)).to_pylist()
    return rows


def _between(table: pa.Table, bounds: Box) -> pa.ChunkedArray:
    west, south, east, north = bounds
    after = pc.greater_equal(table["longitude"], west)
    before = pc.less_equal(table["longitude"], east)
    along = pc.and_(after, before) if west <= east else pc.or_(after, before)
    latitude = table["latitude"]
    across = pc.and_(pc.greater_equal(latitude, south), pc.less_equal(latitude, north))
    return pc.and_(along, across)


def _named(
    told: Sequence[Mapping[str, Any]], names: Sequence[str], catalogue: Path
) -> list[Mapping[str, Any]]:
    by_name: dict[str, Mapping[str, Any]] = {}
    for row in sorted(told, key=lambda row: row["verdict"] != ACCEPTED):
        by_name.setdefault(row["sample_id"], row)
    for name in names:
        if name not in by_name:
            raise UserError(f"There is no sample `{name}` in {catalogue}{_near(name, catalogue)}.")
        if by_name[name]["verdict"] != ACCEPTED:
            raise UserError(
                f"The sample `{name}` was refused: {by_name[name]['reason']}. Map another one, or "
                "mend that and run the workflow again."
            )
    return [by_name[name] for name in dict.fromkeys(names)]


def _near(name: str, catalogue: Path) -> str:
    every = [one for table in _parts(catalogue, None)
             for one in accepted(table)["sample_id"].to_pylist()]  # fmt: skip
    near = difflib.get_close_matches(name, every, n=3, cutoff=0.4)
    return f"; the nearest names are {', '.join(near)}" if near else ""
