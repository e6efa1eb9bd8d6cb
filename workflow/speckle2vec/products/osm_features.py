"""Features of OpenStreetMap on disk: what lies in and around each sample of a corpus.

GeoParquet 1.1, one row a sample, feature and theme, in the order of the catalogue; of one
sample nodes, ways, relations by their numbers. Row groups hold features of one shard, so
that one shard is read without the others. Geometries are degrees, cut at the sample's
outline. The metadata `speckle2vec` tell the table of classes, the extract and its licence.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.products.geoparquet import geo
from speckle2vec.products.parquet import about_of, checked, table_reader, table_writer, told
from speckle2vec.products.refused import refused
from speckle2vec.products.whole import whole_file

MADE = ("table of features", "speckle2vec osm-features")
LICENCE = "(c) OpenStreetMap contributors, ODbL 1.0, https://www.openstreetmap.org/copyright"
ROWS_TOGETHER = 50_000
SCHEMA = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("shard", pa.string(), nullable=False),
        pa.field("osm_type", pa.string(), nullable=False, metadata={"of": "node, way, relation"}),
        pa.field("osm_id", pa.int64(), nullable=False),
        pa.field("version", pa.int32(), nullable=False, metadata={"of": "0 where unknown"}),
        pa.field("theme", pa.string(), nullable=False),
        pa.field("class", pa.string(), nullable=False),
        pa.field("tags", pa.string(), nullable=False, metadata={"of": "all tags, JSON"}),
        pa.field("hidden", pa.bool_(), nullable=False, metadata={"of": "below the ground"}),
        pa.field("whole", pa.bool_(), nullable=False, metadata={"of": "not cut at the outline"}),
        pa.field("geometry", pa.binary(), nullable=False),
    ]
)


def write_features(path: Path, shards: Iterable[pa.Table], about: Mapping[str, Any]) -> None:
    """Write the features of a corpus; memory holds one shard, equal features are equal bytes.

    Args:
        path: The product, `results/osm/{corpus}/features.parquet`.
        shards: The features of each shard, columns as `SCHEMA`.
        about: Extract, extent, classes and counts.
    """
    schema = SCHEMA.with_metadata({**told({"licence": LICENCE, **about}), **geo()})
    with whole_file(path) as target, table_writer(target, schema) as writer:
        for table in shards:
            if len(table):
                writer.write_table(table.cast(schema), row_group_size=ROWS_TOGETHER)


def read_features(path: Path, shard: str) -> pa.Table:
    """The features of one shard, in order.

    Raises:
        UserError: The file is missing, damaged or holds no features.
    """
    with refused(path, *MADE), table_reader(path) as file:
        groups = [group for group in range(file.num_row_groups) if _shard(file, group) == shard]
        return checked(file.read_row_groups(groups))


def read_about(path: Path) -> dict[str, Any]:
    """Extract, extent, classes and counts of a file of features.

    Raises:
        UserError: The file is missing, damaged or holds no features.
    """
    with refused(path, *MADE):
        return about_of(pq.read_schema(path))


def _shard(file: pq.ParquetFile, group: int) -> str:
    """Of which shard a row group is, by its rows: no checksum guards the bounds in the footer."""
    return str(file.read_row_group(group, columns=["shard"])["shard"][0])
