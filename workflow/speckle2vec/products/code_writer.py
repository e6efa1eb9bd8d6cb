"""Writing codes of embeddings to disk (`products.codes` says how they lie there)."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import save

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.coder import Coder
from speckle2vec.products.codes import ByteArray, FloatArray, Ids
from speckle2vec.products.parquet import table_writer, told
from speckle2vec.products.whole import whole_file

GROUP = 16_384
"""Samples of a row group, which is sorted by id: sorted ids take fewer bytes."""
PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": {"id": 19, "code": 3, "decoder": 19},
    "use_dictionary": False,
    "column_encoding": {"id": "DELTA_BYTE_ARRAY"},
    "write_statistics": False,
    "data_page_version": "2.0",
    "store_schema": False,
}


def write_codes(
    path: Path, coder: Coder, about: Mapping[str, Any], batches: Iterable[tuple[Ids, FloatArray]]
) -> None:
    """Encode embeddings batch by batch; memory holds one row group of codes.

    Args:
        path: `results/codes/{model}/{code}.parquet`.
        coder: The fitted code.
        about: What the embeddings are; `encoder` is the digest of the encoder's file.
        batches: Ids (sample) and embeddings (sample, dimension), in any order.

    Raises:
        UserError: There is no sample, or one that the code cannot hold.
    """
    described = told({**about, "code": coder.name, "width": coder.width})
    decoder = save({name: np.ascontiguousarray(value) for name, value in coder.arrays.items()})
    coded = ((ids, coder.encode(values)) for ids, values in batches)
    writer: pq.ParquetWriter | None = None
    with whole_file(path) as target:
        for ids, codes in _groups(coded):
            table = _table(ids, codes, decoder if writer is None else None)
            writer = writer or table_writer(target, table.schema, **PARQUET)
            writer.write_table(table)
        if writer is None:
            raise UserError(f"{path}: there is no embedding to encode; add accepted samples.")
        writer.add_key_value_metadata(described)
        writer.close()


def _groups(batches: Iterable[tuple[Ids, ByteArray]]) -> Iterator[tuple[Ids, ByteArray]]:
    """Batches gathered until a row group is full, sorted by id."""
    held: list[tuple[Ids, ByteArray]] = []
    for batch in batches:
        held.append(batch)
        if sum(len(ids) for ids, _ in held) >= GROUP:
            yield _sorted(held)
            held = []
    if sum(len(ids) for ids, _ in held):
        yield _sorted(held)


def _sorted(held: list[tuple[Ids, ByteArray]]) -> tuple[Ids, ByteArray]:
    ids = np.concatenate([ids for ids, _ in held])
    order = np.argsort(ids, kind="stable")
    return ids[order], np.concatenate([codes for _, codes in held])[order]


def _table(ids: Ids, codes: ByteArray, decoder: bytes | None) -> pa.Table:
    size = codes.shape[1]
    packed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(size), len(codes), [None, pa.py_buffer(np.ascontiguousarray(codes))]
    )
    columns = {
        "id": pa.array(ids.tolist(), pa.string()),
        "code": packed,
        "decoder": pa.array([decoder, *[None] * (len(ids) - 1)], pa.binary()),
    }
    return pa.table(columns)
