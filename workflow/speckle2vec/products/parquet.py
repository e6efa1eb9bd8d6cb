"""Parquet products that say what they mean: JSON under one key of the metadata."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.products.refused import refused
from speckle2vec.products.whole import whole_file

METADATA_KEY = b"speckle2vec"


def write_table(table: pa.Table, path: Path, **options: object) -> None:
    """Write a table; the same table is the same bytes.

    Args:
        table: What is written, with its metadata.
        path: The product.
        options: Of `pyarrow.parquet.write_table`.
    """
    with whole_file(path) as target:
        pq.write_table(table, target, **{"compression": "zstd", **options})


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table, all columns or some.

    Raises:
        UserError: The file is missing or damaged.
    """
    with refused(path):
        return pq.read_table(path, columns=None if columns is None else list(columns))


def told(about: Mapping[str, Any]) -> dict[bytes, bytes]:
    """Metadata that say what a table means."""
    return {METADATA_KEY: json.dumps(dict(about), sort_keys=True).encode()}


def about_of(schema: pa.Schema) -> dict[str, Any]:
    """What the metadata of a table say.

    Raises:
        LookupError, TypeError, ValueError: They say nothing of this package.
    """
    return dict(json.loads(schema.metadata[METADATA_KEY]))
