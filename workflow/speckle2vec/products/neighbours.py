"""The table of neighbours on disk: one row a sample, with the samples near it.

One Parquet file, `results/neighbours.parquet`. Distances are degrees along the great
circle, the nearest first. Positions stand beside them, so that a reader can tell what is
*not* near. The metadata has one entry, `speckle2vec`: what counted as near, and how many
samples were left out because nobody knows where they are.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.products.belonging import check_belongs
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.parquet import about_of, checked, table_reader, table_writer, told
from speckle2vec.products.refused import refused
from speckle2vec.products.whole import whole_file

MADE = ("table of neighbours", "speckle2vec neighbours")
NAMES_INSIDE = "neighbours.list.element"

SCHEMA = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("longitude", pa.float64(), nullable=False),
        pa.field("latitude", pa.float64(), nullable=False),
        pa.field("neighbours", pa.list_(pa.string()), nullable=False),
        pa.field("distances", pa.list_(pa.float64()), nullable=False),
    ]
)


@dataclass(frozen=True)
class Nearness:
    """What counted as near when a table was made."""

    radius: float
    """Degrees along the great circle."""
    nearest: int
    """So many nearest samples where none are within the radius."""
    most: int
    """The nearest so many are listed where more are within the radius."""
    without_position: int
    """Samples that are not in the table because they have no position."""


def write_neighbours(
    path: Path,
    blocks: Iterable[pa.Table],
    nearness: Nearness,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write the table block by block; the same blocks give the same bytes.

    Args:
        path: `results/neighbours.parquet`.
        blocks: The rows.
        nearness: What counted as near.
        about: Whose samples they are, from `about_samples`.
    """
    schema = SCHEMA.with_metadata(told({**asdict(nearness), **(about or {})}))
    with whole_file(path) as target, table_writer(target, schema) as writer:
        for block in blocks:
            writer.write_table(block.cast(schema))


def about_samples(keys: Iterable[ShardKey], drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Of which shards a table is, and by what their splits were drawn."""
    return {"shards": sorted(map(str, keys)), **drawn}


def check_neighbours(path: Path, promised: Mapping[str, Any]) -> None:
    """Refuse a table of other shards, another seed or other settings.

    Args:
        path: `results/neighbours.parquet`.
        promised: What it has to say of itself: `about_samples`, and what counts as near.

    Raises:
        UserError: The file is missing or damaged, or another's.
    """
    with refused(path, *MADE):
        about = about_of(pq.read_schema(path))
    check_belongs(path, about, promised)


def read_nearness(path: Path) -> Nearness:
    """What counted as near.

    Raises:
        UserError: The file is missing, damaged, or no table of neighbours.
    """
    with refused(path, *MADE):
        about = about_of(pq.read_schema(path))
        return Nearness(**{field.name: about[field.name] for field in fields(Nearness)})


def read_neighbours(path: Path) -> Iterator[pa.Table]:
    """The table block by block; the ids of the neighbours as a dictionary a block.

    Raises:
        UserError: The file is missing or damaged.
    """
    with refused(path, *MADE), table_reader(path, read_dictionary=[NAMES_INSIDE]) as file:
        if file.schema_arrow.names != SCHEMA.names:
            raise ValueError(f"its columns are {', '.join(file.schema_arrow.names)}")
        for group in range(file.num_row_groups):
            yield checked(file.read_row_group(group))
