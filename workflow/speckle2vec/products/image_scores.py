"""How far images are from what was made of them, sample by sample: Parquet.

One row a sample, code and way. `bytes` are those really kept of a sample; where a way cannot keep
as few as allowed, they are the fewest it can, and there are no scores. `squared_error` (mean over
the pixels, in squared standard deviations of the feature) and `ssim` hold one number a feature.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from speckle2vec.products.parquet import about_of, read_table, told, write_table
from speckle2vec.products.refused import refused

SCHEMA = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("block", pa.string(), nullable=False),
        pa.field("code", pa.string(), nullable=False),
        pa.field("way", pa.string(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("squared_error", pa.list_(pa.float64())),
        pa.field("ssim", pa.list_(pa.float64())),
    ]
)
NEEDED = ("features", "units", "deviations", "numbers", "starts_from", "bytes", "codes")


def write_image_scores(
    rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any], path: Path
) -> None:
    """Write scores, and what the images are."""
    table = pa.Table.from_pylist(list(rows), schema=SCHEMA)
    write_table(table.replace_schema_metadata(told(about)), path)


def read_image_scores(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    """Read scores, and what the images are.

    Raises:
        UserError: The file is missing, damaged, or holds no such scores.
    """
    table = read_table(path)
    with refused(path, "table of scores of images"):
        about = about_of(table.schema)
        missing = [name for name in NEEDED if name not in about]
        missing += [name for name in SCHEMA.names if name not in table.column_names]
        if missing:
            raise KeyError(missing[0])
    return table, about
