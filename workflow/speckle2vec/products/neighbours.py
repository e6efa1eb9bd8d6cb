"""The table of neighbours on disk: one row a sample, with the samples near it.

One Parquet file, `results/neighbours.parquet`. Distances are degrees along the great
circle, the nearest first. Positions stand beside them, so that a reader can tell what is
*not* near. The metadata has one entry, `speckle2vec`: what counted as near, and how many
samples were left out because nobody knows where they are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.products.parquet import about_of, table_reader, table_writer, told
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


def write_neighbours(path: Path, blocks: Iterable[pa.Table], nearness: Nearness) -> None:
    """Write the table block by block; the same blocks give the same bytes."""
    schema = SCHEMA.with_metadata(told(asdict(nearness)))
    with whole_file(path) as target, table_writer(target, schema) as writer:
        for block in blocks:
            writer.write_table(block.cast(schema))


def read_nearness(path: Path) -> Nearness:
    """What counted as near.

    Raises:
        UserError: The file is missing, damaged, or no table of neighbours.
    """
    with refused(path, *MADE):
        return Nearness(**about_of(pq.read_schema(path)))


def read_neighbours(path: Path) -> Iterator[pa.Table]:
    """The table block by block; the ids of the neighbours as a dictionary a block.

    Raises:
        UserError: The file is missing or damaged.
    """
    with refused(path, *MADE), table_reader(path, read_dictionary=[NAMES_INSIDE]) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group)
