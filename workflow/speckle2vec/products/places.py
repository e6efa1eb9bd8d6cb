"""The places of a corpus on disk: one row a place, in the order drawn.

GeoParquet of points. The metadata has, beside `geo`, one entry `speckle2vec`: how the
places were drawn. The places of one shard follow each other.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from speckle2vec.errors import UserError
from speckle2vec.products.geoparquet import geo
from speckle2vec.products.parquet import about_of, checked, told, write_table
from speckle2vec.products.refused import refused

MADE = ("file of places", "speckle2vec draw-places")
ROWS_TOGETHER = 16_384
SCHEMA = pa.schema(
    [
        pa.field("place", pa.string(), nullable=False),
        pa.field("longitude", pa.float64(), nullable=False),
        pa.field("latitude", pa.float64(), nullable=False),
        pa.field("stratum", pa.string(), nullable=False),
        pa.field("shard", pa.string(), nullable=False),
        pa.field("geometry", pa.binary(), nullable=False),
    ]
)


def place_name(number: int) -> str:
    """Name of a place by its number from 1 in the order drawn: `0000001`."""
    return f"{number:07d}"


def write_places(
    path: Path,
    positions: npt.NDArray[np.float64],
    strata: npt.NDArray[Any],
    shards: npt.NDArray[Any],
    about: Mapping[str, Any],
) -> None:
    """Write the places of a corpus; the same places are the same bytes.

    Args:
        path: `results/corpora/{corpus}/places.parquet`.
        positions: Longitude and latitude, degrees, WGS 84, (place, 2), in the order drawn.
        strata: Stratum of each place, empty where there is none.
        shards: Shard of each place, such as `train-000001`.
        about: How they were drawn.
    """
    names = [place_name(number) for number in range(1, len(positions) + 1)]
    table = pa.table(
        [
            pa.array(names, pa.string()),
            pa.array(positions[:, 0]),
            pa.array(positions[:, 1]),
            pa.array(strata, pa.string()),
            pa.array(shards, pa.string()),
            pa.array(shapely.to_wkb(shapely.points(positions)), pa.binary()),
        ],
        schema=SCHEMA.with_metadata({**geo("Point"), **told(about)}),
    )
    write_table(table, path, row_group_size=ROWS_TOGETHER)


def read_places(path: Path, shard: str | None = None) -> pa.Table:
    """Places in the order drawn: `place`, `longitude`, `latitude`, `stratum`, `shard`.

    Args:
        path: `results/corpora/{corpus}/places.parquet`.
        shard: Only those of one shard, such as `train-000001`; all without.

    Raises:
        UserError: The file is missing or damaged, or holds no place of the shard.
    """
    columns = [name for name in SCHEMA.names if name != "geometry"]
    with refused(path, *MADE):
        table = checked(pq.read_table(path, columns=columns, page_checksum_verification=True))
        if shard is not None:  # Parquet's own filters trust bounds that no checksum guards
            table = table.filter(pc.equal(table["shard"], shard))
    if shard is not None and not len(table):
        raise UserError(
            f"{path}: holds no place of shard {shard}; it was drawn with a smaller `count` or "
            "other `places_per_shard`: remove it and run the same command again."
        )
    return table


def read_drawing(path: Path) -> Mapping[str, Any]:
    """How the places were drawn: seed, region, sampler, what was left out.

    Raises:
        UserError: The file is missing, damaged, or holds no places.
    """
    with refused(path, *MADE):
        return about_of(pq.read_schema(path))
