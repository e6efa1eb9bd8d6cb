"""The places of a corpus on disk: one row a place, in the order drawn.

GeoParquet of points. The metadata has, beside `geo`, one entry `speckle2vec`: how the
places were drawn. The places of one shard follow each other.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from speckle2vec.errors import UserError
from speckle2vec.products.whole import whole_file

METADATA_KEY = b"speckle2vec"
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
        schema=SCHEMA.with_metadata({b"geo": _geo(), METADATA_KEY: _text(about)}),
    )
    with whole_file(path) as target:
        pq.write_table(table, target, compression="zstd", row_group_size=ROWS_TOGETHER)


def read_places(path: Path, shard: str | None = None) -> pa.Table:
    """Places in the order drawn: `place`, `longitude`, `latitude`, `stratum`, `shard`.

    Args:
        path: `results/corpora/{corpus}/places.parquet`.
        shard: Only those of one shard, such as `train-000001`; all without.

    Raises:
        UserError: The file is missing or damaged, or holds no place of the shard.
    """
    columns = [name for name in SCHEMA.names if name != "geometry"]
    only = None if shard is None else [("shard", "=", shard)]
    try:
        table = pq.read_table(path, columns=columns, filters=only)
    except (OSError, pa.ArrowInvalid) as error:
        raise _damaged(path, error) from error
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
    try:
        told: dict[str, Any] = json.loads(pq.read_schema(path).metadata[METADATA_KEY])
    except (OSError, pa.ArrowInvalid, TypeError, KeyError, ValueError) as error:
        raise _damaged(path, error) from error
    return told


def _damaged(path: Path, error: Exception) -> UserError:
    return UserError(
        f"{path}: is missing, damaged or no file of places ({error}); remove it and run the same "
        "command again, or make it with `speckle2vec draw-places`."
    )


def _geo() -> bytes:
    """The `geo` metadata of GeoParquet 1.1."""
    crs = pyproj.CRS("EPSG:4326").to_json_dict()
    column = {"encoding": "WKB", "geometry_types": ["Point"], "crs": crs}
    told = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return _text(told)


def _text(told: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(told), sort_keys=True).encode()
