"""Parquet products: checksums of every page, and JSON under one key of the metadata.

Readers check the checksums, so that a flipped bit is damage and never another number.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.products.refused import refused
from speckle2vec.products.whole import whole_file

METADATA_KEY, DIGEST_KEY = b"speckle2vec", b"speckle2vec.sha256"
WRITTEN: dict[str, object] = {"compression": "zstd", "write_page_checksum": True}


def write_table(table: pa.Table, path: Path, **options: object) -> None:
    """Write a table; the same table is the same bytes.

    Args:
        table: What is written, with its metadata.
        path: The product.
        options: Of `pyarrow.parquet.write_table`.
    """
    with whole_file(path) as target:
        pq.write_table(table, target, **{**WRITTEN, **options})


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table, all columns or some.

    Raises:
        UserError: The file is missing or damaged.
    """
    with refused(path):
        wanted = None if columns is None else list(columns)
        return checked(pq.read_table(path, columns=wanted, page_checksum_verification=True))


def checked(table: pa.Table) -> pa.Table:
    """The table, if it is sound inside: checksums leave out the headers of pages.

    Raises:
        pyarrow.ArrowInvalid: It is not.
    """
    table.validate(full=True)
    return table


def table_writer(target: Path, schema: pa.Schema, **options: object) -> pq.ParquetWriter:
    """Write a table piece by piece.

    Args:
        target: Where to, such as `whole_file` gives.
        schema: Columns and metadata.
        options: Of `pyarrow.parquet.ParquetWriter`.
    """
    return pq.ParquetWriter(target, schema, **{**WRITTEN, **options})


def table_reader(path: Path, **options: object) -> pq.ParquetFile:
    """Read a table piece by piece.

    Args:
        path: The product.
        options: Of `pyarrow.parquet.ParquetFile`.

    Raises:
        OSError, pyarrow.ArrowException: It is missing or damaged, also later while it is read.
    """
    return pq.ParquetFile(path, page_checksum_verification=True, **options)


def told(about: Mapping[str, Any]) -> dict[bytes, bytes]:
    """Metadata that say what a table means."""
    text = json.dumps(dict(about), sort_keys=True).encode()
    return {METADATA_KEY: text, DIGEST_KEY: _digest(text)}


def about_of(schema: pa.Schema) -> dict[str, Any]:
    """What the metadata of a table say.

    Raises:
        LookupError, TypeError, ValueError: They say nothing of this package.
    """
    return about_in(schema.metadata)


def about_in(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    """The same from the metadata themselves."""
    text = metadata[METADATA_KEY]
    if metadata.get(DIGEST_KEY, _digest(text)) != _digest(text):
        raise ValueError("what it says of itself has changed since it was written")
    return dict(json.loads(text))


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()
