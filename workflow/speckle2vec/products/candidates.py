"""The images chosen for each place of a corpus, and the places that have none.

Parquet, one row an image. A corpus can be cut again from them, years later, without a
new search.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from speckle2vec.products.parquet import read_table, table_writer, write_table
from speckle2vec.products.whole import whole_file

RADAR, OPTICAL, NO_IMAGES = "S1", "S2", "none"

SCHEMA = pa.schema(
    [
        pa.field("place", pa.string(), nullable=False),
        pa.field("snapshot", pa.int8(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("item", pa.string()),
        pa.field("collection", pa.string()),
        pa.field("provider", pa.string()),
        pa.field("datetime", pa.timestamp("ms", "UTC")),
        pa.field("delay_days", pa.float64()),
        pa.field("platform", pa.string()),
        pa.field("orbit", pa.string()),
        pa.field("baseline", pa.string()),
        pa.field("offset", pa.int16()),
        pa.field("cloud", pa.float64()),
        pa.field("epsg", pa.int32()),
        pa.field("stac", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
    ],
    metadata={
        "snapshot": "0, 1, ... in the order of the Sentinel-1 dates of a place",
        "role": f"{RADAR}, {OPTICAL}, or {NO_IMAGES} for a place without a full set",
        "delay_days": "Sentinel-2 minus Sentinel-1 of the snapshot",
        "orbit": "direction and relative number, such as `ascending 15`",
        "baseline": "processing baseline of Sentinel-2",
        "offset": "to be added to the numbers of Sentinel-2; null: unknown",
        "cloud": "percent of the whole image; null: unknown",
        "epsg": "code of the image's own grid",
        "stac": "the STAC item as JSON with the assets that are read, addresses unsigned",
        "reason": f"why a place has {NO_IMAGES}, else empty",
    },
)


def write_candidates(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write the candidates of one shard, in the order given."""
    write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=SCHEMA), path)


def read_candidates(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read candidates, all columns or some.

    Raises:
        UserError: The file is missing or damaged.
    """
    return read_table(path, columns)


def merge_candidates(parts: Iterable[Path], path: Path) -> None:
    """Write the candidates of many shards as one file; memory holds one shard.

    Raises:
        UserError: A part is missing or damaged.
    """
    with whole_file(path) as target, table_writer(target, SCHEMA) as writer:
        for part in parts:
            writer.write_table(read_candidates(part).cast(SCHEMA))
