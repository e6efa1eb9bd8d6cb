"""All embeddings as one CSV and one Parquet table, in catalogue order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from speckle2vec.errors import UserError
from speckle2vec.products.accepted import AcceptedSamples, read_accepted
from speckle2vec.products.embeddings import (
    PARQUET,
    WIDTH,
    check_parts,
    embedding_attributes,
    embedding_values,
    read_embeddings,
)
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.parquet import table_writer, told
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER, track

PLACE_COLUMNS = ("sample_id", "corpus", "shard", "longitude", "latitude", "dates", "split")


@dataclass(frozen=True)
class Part:
    """The accepted samples of one shard: where they are, and their embeddings."""

    places: pa.Table
    embeddings: pa.ChunkedArray


def export_embeddings(
    keys: Sequence[ShardKey],
    catalogue: Path,
    embeddings: Path,
    csv_path: Path,
    parquet_path: Path,
    encoder: Path | None = None,
    drawn: Mapping[str, Any] | None = None,
) -> None:
    """Write every accepted sample once, part by part.

    Samples that preprocessing left out, because the features cannot be made of them, are
    not written; the log says how many.

    Args:
        keys: Shards, in catalogue order.
        catalogue: The merged catalogue, whose verdict counts.
        embeddings: Folder of the parts.
        csv_path: The CSV, exactly `id,0,...,1023` (NeuCo-Bench).
        parquet_path: The same with corpus, position, dates and split.
        encoder: The encoder that has to have made all parts, where it is at hand.
        drawn: By what splits have to be drawn (`Settings.drawn`).

    Raises:
        UserError: A part is damaged or another's, or lacks a sample of the catalogue.
    """
    samples = read_accepted(catalogue, PLACE_COLUMNS, keys, drawn)
    digest = check_parts(keys, embeddings, encoder)
    about = {"encoder": digest, "shards": [str(key) for key in keys]}
    parts = _parts(keys, samples, embeddings)
    with (
        whole_file(csv_path) as csv_target,
        whole_file(parquet_path) as parquet_target,
        csv_target.open("wb") as stream,
    ):
        _write_both(stream, parquet_target, track(parts, len(keys), "Exporting"), about)


def _parts(keys: Sequence[ShardKey], samples: AcceptedSamples, folder: Path) -> Iterator[Part]:
    for key in keys:
        places = samples.of(key).select(PLACE_COLUMNS).rename_columns(("id", *PLACE_COLUMNS[1:]))
        yield _part(key, places, key.part(folder, ".parquet"))


def _part(key: ShardKey, places: pa.Table, path: Path) -> Part:
    """Places and embeddings of one shard, without the samples that were left out."""
    table = read_embeddings(path)
    left_out = pa.array(list(embedding_attributes(table.schema).get("left_out", {})), pa.string())
    kept = places.filter(pc.invert(pc.is_in(places["id"], value_set=left_out)))
    if len(kept) < len(places):
        LOGGER.info(
            "%s: %d of %d samples are not exported, because their features could not be made.",
            key, len(places) - len(kept), len(places),
        )  # fmt: skip
    return Part(kept, _in_order(kept["id"], table, path))


def _in_order(ids: pa.ChunkedArray, table: pa.Table, path: Path) -> pa.ChunkedArray:
    """The embeddings of ids, in their order."""
    positions = pc.index_in(ids, table["id"])
    if positions.null_count:
        missing = ids.filter(pc.is_null(positions))[0]
        raise UserError(
            f"{path}: holds no embedding of {missing}, which the catalogue accepts; "
            "remove the file and run the same command again."
        )
    return table["embedding"].take(positions)


def _write_both(
    stream: BinaryIO, parquet_target: Path, parts: Iterator[Part], about: Mapping[str, Any]
) -> None:
    stream.write(",".join(["id", *map(str, range(WIDTH))]).encode() + b"\n")
    writer: pq.ParquetWriter | None = None
    for part in parts:
        write_rows(part, stream)
        table = part.places.append_column("embedding", part.embeddings)
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), **told(about)})
        writer = writer or table_writer(parquet_target, table.schema, **PARQUET)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def write_rows(part: Part, stream: BinaryIO) -> None:
    """Write one part as CSV rows; floats print as short as they round-trip."""
    count = len(part.places)
    digits = pc.cast(pa.array(embedding_values(part.embeddings).ravel()), pa.string())
    ends = pa.array(np.arange(count + 1, dtype=np.int32) * WIDTH)
    numbers = pc.binary_join(pa.ListArray.from_arrays(ends, digits), ",")
    rows = pc.binary_join_element_wise(_fields(part.places["id"]), numbers, ",")
    stream.writelines(row.encode() + b"\n" for row in rows.to_pylist())


def _fields(names: pa.ChunkedArray) -> pa.Array:
    """Ids as CSV fields: quoted only where a reader would stumble over them."""
    names = names.combine_chunks()
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(names, '"', '""'), '"', "")
    return pc.if_else(pc.match_substring_regex(names, '[",\\r\\n]'), quoted, names)
