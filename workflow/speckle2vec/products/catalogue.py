"""The catalogue on disk: one row a sample, accepted or refused, with the reason."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.products.parquet import read_table, write_table

ACCEPTED = "accepted"
REFUSED = "refused"
BETWEEN_SPLITS = "buffer"
SPLITS = ("train", "validation", "test", BETWEEN_SPLITS)

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


def write_catalogue(table: pa.Table, path: Path) -> None:
    """Write one part of the catalogue, in the order of its rows."""
    write_table(table.cast(SCHEMA), path)


def read_catalogue(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read one part of the catalogue, all columns or some.

    Raises:
        UserError: The file is missing or damaged.
    """
    return read_table(path, columns)


def accepted(table: pa.Table) -> pa.Table:
    """The accepted rows of a catalogue, in their order."""
    return table.filter(pc.equal(table["verdict"], ACCEPTED))
