"""The catalogue on disk: one row a sample, accepted or refused, with the reason.

A file says which shards it holds, and the merged one by which seed and settings their samples were
put into splits: a reader sees that it is the one it was promised. The part of a shard holds
neither blocks nor splits, which follow from where a sample lies: other splits leave it alone, and
what is made of it. Its reader puts its samples into splits.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.products.belonging import check_belongs
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.parquet import METADATA_KEY, about_of, read_table, told, write_table
from speckle2vec.products.refused import refused
from speckle2vec.products.splits import split_samples
from speckle2vec.settings.root import Settings
from speckle2vec.settings.stages import Splits

ACCEPTED = "accepted"
REFUSED = "refused"
OF_SPLITS = ("block", "split")

SCHEMA = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("corpus", pa.string(), nullable=False),
        pa.field("shard", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
        pa.field("longitude", pa.float64()),
        pa.field("latitude", pa.float64()),
        pa.field("crs", pa.string()),
        pa.field("affine", pa.list_(pa.float64(), 6)),
        pa.field("height", pa.int32()),
        pa.field("width", pa.int32()),
        pa.field("dates", pa.list_(pa.timestamp("ms"))),
        pa.field("valid", pa.float64()),
        pa.field("block", pa.string()),
        pa.field("split", pa.string()),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
    ],
    metadata={
        "affine": "a, b, c, d, e, f: x = a*column + b*row + c, y = d*column + e*row + f",
        "longitude": "degrees, WGS 84, centre of the sample",
        "latitude": "degrees, WGS 84, centre of the sample",
        "valid": "least share of finite pixels over dates and polarisations, 0..1",
        "block": "column_row of the grid block in EPSG:6933",
    },
)
PART = pa.schema(
    [field for field in SCHEMA if field.name not in OF_SPLITS],
    metadata={name: text for name, text in SCHEMA.metadata.items() if name != b"block"},
)


def about_catalogue(keys: Iterable[ShardKey], settings: Settings) -> dict[bytes, bytes]:
    """Metadata of the catalogue of some shards."""
    return told({"shards": [str(key) for key in keys], **settings.drawn})


def write_part(table: pa.Table, path: Path, key: ShardKey) -> None:
    """Write the part of one shard, in the order of its rows.

    Args:
        table: The rows, without blocks and splits.
        path: `results/catalogue/{corpus}/{shard}.parquet`.
        key: The shard.
    """
    metadata = {**PART.metadata, **told({"shards": [str(key)]})}
    write_table(table.cast(PART).replace_schema_metadata(metadata), path)


def write_catalogue(
    table: pa.Table, path: Path, about: Mapping[bytes, bytes] | None = None
) -> None:
    """Write a catalogue whose samples are in splits, in the order of its rows.

    Args:
        table: The rows.
        path: Where to.
        about: Of which shards it is, and how splits were drawn, from `about_catalogue`.
    """
    metadata = {**(SCHEMA.metadata or {}), **(about or {})}
    write_table(table.cast(SCHEMA).replace_schema_metadata(metadata), path)


def read_catalogue_part(
    path: Path,
    key: ShardKey,
    columns: Sequence[str] | None = None,
    drawn: Mapping[str, Any] | None = None,
) -> pa.Table:
    """Read the part of one shard, all columns or some.

    Args:
        path: `results/catalogue/{corpus}/{shard}.parquet`.
        key: The shard.
        columns: Which of `SCHEMA`.
        drawn: What puts its samples into splits, `Settings.drawn`. A part of an earlier version
            holds splits of its own: they have to be drawn by the same.

    Raises:
        UserError: The file is missing or damaged, of another shard, or of an earlier version
            and another seed or settings.
    """
    wanted = list(columns or SCHEMA.names)
    table = read_table(path)
    check_belongs(path, _about(path, table), {"shards": [str(key)], **(drawn or {})})
    with refused(path):
        if drawn and not set(OF_SPLITS) <= set(table.column_names):
            table = _split(table.select(PART.names), drawn)
        return table.select(wanted)


def read_catalogue(
    path: Path,
    columns: Sequence[str] | None = None,
    keys: Iterable[ShardKey] = (),
    drawn: Mapping[str, Any] | None = None,
) -> pa.Table:
    """Read a catalogue of many shards, all columns or some.

    Args:
        path: The merged catalogue, `results/catalogue.parquet`.
        columns: Which of `SCHEMA`.
        keys: Shards that have to be in it.
        drawn: By what its splits have to be drawn, from `Settings.drawn`, where splits count.

    Raises:
        UserError: The file is missing or damaged, lacks a shard, or is of another seed or
            other settings.
    """
    table = read_table(path, columns or SCHEMA.names)
    about = _about(path, table)
    check_belongs(path, about, drawn or {})
    wanted = [str(key) for key in keys]
    held = set(about.get("shards", wanted))
    if lacking := [key for key in wanted if key not in held]:
        raise UserError(
            f"{path}: is a catalogue of other shards: it lacks {len(lacking)}, such as "
            f"{lacking[0]}; remove it and run the same command again."
        )
    return table


def _about(path: Path, table: pa.Table) -> dict[str, Any]:
    """What a catalogue says of itself; nothing where an earlier version wrote it."""
    with refused(path):
        return about_of(table.schema) if METADATA_KEY in (table.schema.metadata or {}) else {}


def _split(table: pa.Table, drawn: Mapping[str, Any]) -> pa.Table:
    """The rows with blocks and splits."""
    longitude, latitude = (_degrees(table, name) for name in ("longitude", "latitude"))
    places, splits = table["place"].to_pylist(), Splits.model_validate(drawn["splits"])
    placed = split_samples(places, longitude, latitude, splits, drawn["seed"])
    for name, values in zip(OF_SPLITS, placed, strict=True):
        table = table.append_column(SCHEMA.field(name), pa.array(values, pa.string()))
    return table


def _degrees(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """A coordinate of each sample; NaN where it is not known."""
    return np.array(table[name].to_pylist(), np.float64)


def accepted(table: pa.Table) -> pa.Table:
    """The accepted rows of a catalogue, in their order."""
    return table.filter(pc.equal(table["verdict"], ACCEPTED))
