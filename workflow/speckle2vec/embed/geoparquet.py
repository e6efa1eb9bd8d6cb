"""The stage: all embeddings as one GeoParquet, for maps and for reading from afar."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from speckle2vec.embed.geoparquet_schema import BBOX, TOLD, about_chips, geoparquet_schema
from speckle2vec.embed.outlines import hilbert_order, outlines
from speckle2vec.errors import UserError
from speckle2vec.products.belonging import check_belongs
from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.embeddings import (
    WIDTH,
    about_table,
    embedding_column,
    embedding_values,
    made_by,
)
from speckle2vec.products.encoders import digest_of
from speckle2vec.products.keys import ShardKey, parse_keys
from speckle2vec.products.parquet import table_reader, table_writer
from speckle2vec.products.refused import refused
from speckle2vec.products.whole import scratch_folder, whole_file
from speckle2vec.progress import track
from speckle2vec.settings.root import Settings

KIND = "table of embeddings"
ROWS_TOGETHER = 512
"""Rows of a row group: 2 MiB of embeddings, a few requests over a network."""
GRIDS = ("sample_id", "crs", "affine", "height", "width", "verdict")
# The exponents of floats side by side are what ZSTD can pack of them.
PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "use_dictionary": ["corpus", "shard", "split"],
    "use_byte_stream_split": ["embedding.list.element"],
}
IntArray = npt.NDArray[np.int64]


def write_geoparquet(
    settings: Settings, table: Path, catalogue: Path, encoder: Path, output: Path
) -> None:
    """Write the embeddings with the outlines of their samples, near ones side by side.

    GeoParquet 1.1 with a covering of boxes, in Hilbert order, by ZSTD; under the file's key
    `emb` stands what the geo-embeddings convention asks of chips. Samples without position
    have no geometry and come last. In memory are the outlines and one row group.

    Args:
        settings: All settings; the default model's name counts.
        table: The exported embeddings, `results/embeddings.parquet`.
        catalogue: The merged catalogue, for the grids.
        encoder: The encoder that made them.
        output: `results/embeddings.geoparquet`.

    Raises:
        UserError: A file is missing or damaged, or the catalogue lacks a sample.
    """
    about = about_table(table)
    check_belongs(encoder, {"digest": digest_of(encoder)}, made_by(about))
    keys = parse_keys(about.get("shards", ()))
    with _opened(table) as file, scratch_folder(output) as folder:
        with refused(table, KIND):
            places = file.read(list(TOLD)).combine_chunks()
        shapes = outlines(_grids(places["id"], catalogue, keys, settings.drawn))
        schema = geoparquet_schema(places.schema, shapes, about_chips(settings, places, encoder))
        values = _spilled(file, table, folder / "embeddings.npy", len(places))
        with whole_file(output) as target, table_writer(target, schema, **PARQUET) as writer:
            for rows in _groups(hilbert_order(shapes)):
                writer.write_table(_group(places, shapes, values, rows).cast(schema))


def _opened(path: Path) -> pq.ParquetFile:
    with refused(path, KIND):
        file = table_reader(path)
        schema, wanted = file.schema_arrow, pa.list_(pa.float32(), WIDTH)
        missing = [name for name in (*TOLD, "embedding") if name not in schema.names]
        if missing:
            raise pa.ArrowInvalid(f"it has no column {missing[0]}")
        if schema.field("embedding").type != wanted:
            held = schema.field("embedding").type
            raise pa.ArrowInvalid(f"its embeddings are {held}, and not {wanted}")
        return file


def _grids(
    names: pa.ChunkedArray, catalogue: Path, keys: Sequence[ShardKey], drawn: Mapping[str, Any]
) -> pa.Table:
    """The grids of samples, in their order."""
    rows = accepted(read_catalogue(catalogue, GRIDS, keys, drawn))
    found = pc.index_in(names, rows["sample_id"].combine_chunks())
    if found.null_count:
        raise UserError(
            f"{catalogue}: does not accept {names.filter(pc.is_null(found))[0]}, which has an "
            "embedding; export the embeddings anew with `speckle2vec export`."
        )
    return rows.take(found)


def _spilled(file: pq.ParquetFile, table: Path, path: Path, count: int) -> npt.NDArray[np.float32]:
    """The embeddings in a file that any row can be read of: the table has them in another order."""
    values = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(count, WIDTH))
    start = 0
    for group in track(range(file.num_row_groups), file.num_row_groups, "Reading embeddings"):
        with refused(table, KIND):
            here = embedding_values(file.read_row_group(group, ["embedding"])["embedding"])
        values[start : start + len(here)] = here
        start += len(here)
    return values


def _groups(order: IntArray) -> Iterator[IntArray]:
    starts = range(0, len(order), ROWS_TOGETHER)
    return (order[at : at + ROWS_TOGETHER] for at in track(starts, len(starts), "Writing"))


def _group(
    places: pa.Table, shapes: npt.NDArray[Any], values: npt.NDArray[np.float32], rows: IntArray
) -> pa.Table:
    here, known = shapes[rows], ~shapely.is_missing(shapes[rows])
    boxes = [pa.array(edge, pa.float64()) for edge in shapely.bounds(here).T]
    bbox = pa.StructArray.from_arrays(boxes, fields=list(BBOX), mask=pa.array(~known))
    table = places.take(pa.array(rows))
    table = table.append_column("bbox", bbox)
    table = table.append_column("geometry", pa.array(shapely.to_wkb(here).tolist(), pa.binary()))
    return table.append_column("embedding", embedding_column(np.ascontiguousarray(values[rows])))
