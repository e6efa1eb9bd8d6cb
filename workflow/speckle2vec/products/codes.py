"""Codes of embeddings on disk: one Parquet file that holds all that decoding needs.

Columns `id` (text), `code` (bytes of fixed length) and `decoder`: mean, directions, ranges and
codebooks as safetensors, in the first row and null in all others, so that nothing but Parquet
and safetensors is needed and nothing is executed. The name of the code, the digest of the
encoder and what it was fitted on stand as JSON in the metadata.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import load, save

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.coder import Coder
from speckle2vec.products.parquet import about_in, table_reader, table_writer, told
from speckle2vec.products.refused import refused
from speckle2vec.products.whole import whole_file

KIND = "file of codes"
NEEDED = ("code", "width", "encoder")
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
ByteArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]
Ids = npt.NDArray[np.str_]


@dataclass(frozen=True)
class CodeFile:
    """What a file of codes says of itself."""

    coder: Coder
    about: Mapping[str, Any]
    """Code, width, encoder, model, training samples, versions."""
    samples: int


@dataclass(frozen=True)
class CodeBytes:
    """Where the bytes of a file of codes go."""

    total: int
    """The whole file."""
    growing: int
    """Ids and codes, which grow with the samples."""
    payload: int
    """The code of one sample alone."""
    samples: int

    def each(self, samples: int | None = None) -> float:
        """Bytes a sample of the whole file, with what all share dealt out.

        Args:
            samples: Of a corpus of so many samples instead of the file's own.
        """
        fixed, own = self.total - self.growing, self.growing / max(self.samples, 1)
        return own + fixed / max(samples or self.samples, 1)


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


def decode(path: Path, encoder: Path | None = None) -> tuple[Ids, FloatArray]:
    """Read a file of codes back: ids (sample) and embeddings (sample, dimension) float32.

    Args:
        path: `results/codes/{model}/{code}.parquet`.
        encoder: The encoder's file, where embeddings of no other shall be taken.

    Raises:
        UserError: The file is missing, damaged, or holds codes of another encoder.
    """
    with refused(path, KIND):
        ids, embeddings = zip(*decoded(path, encoder), strict=True)
        return np.concatenate(ids), np.concatenate(embeddings)


def decoded(
    path: Path, encoder: Path | None = None, size: int = 4096
) -> Iterator[tuple[Ids, FloatArray]]:
    """The same, at most `size` samples at a time."""
    found = read_codes(path)
    if encoder is not None:
        check_encoder(path, found, encoder)
    with refused(path, KIND), table_reader(path) as file:
        for batch in file.iter_batches(size, columns=["id", "code"]):
            yield np.array(batch["id"].to_pylist(), str), found.coder.decode(_codes(batch))


def _codes(batch: pa.RecordBatch) -> ByteArray:
    column = batch["code"]
    size = column.type.byte_width
    flat = np.frombuffer(column.buffers()[1], np.uint8)
    return flat[column.offset * size :][: len(column) * size].reshape(-1, size)


def read_codes(path: Path) -> CodeFile:
    """What decodes a file, and what it says of itself.

    Raises:
        UserError: The file is missing, damaged, or none of codes.
    """
    with refused(path, KIND), table_reader(path) as file:
        about = about_in(file.metadata.metadata)
        first = next(file.iter_batches(1, columns=["decoder"]))["decoder"][0].as_py()
        missing = [name for name in NEEDED if name not in about]
        if missing:
            raise KeyError(missing[0])
        coder = Coder(about["code"], about["width"], load(first))
        return CodeFile(coder, about, file.metadata.num_rows)


def check_encoder(path: Path, found: CodeFile, encoder: Path) -> None:
    """Refuse codes of another encoder.

    Raises:
        UserError: The encoder's file has another digest than the codes were made by.
    """
    digest = hashlib.sha256(encoder.read_bytes()).hexdigest()
    if digest != found.about["encoder"]:
        raise UserError(
            f"{path}: holds codes of the encoder {found.about['encoder'][:12]}, and {encoder} is "
            f"{digest[:12]}; embeddings of two encoders do not compare: remove what is damaged or "
            "another's and run the same command again."
        )


def code_bytes(path: Path) -> CodeBytes:
    """Where the bytes of a file go, as it stands on disk.

    Raises:
        UserError: The file is missing or damaged.
    """
    with refused(path, KIND):
        footer = pq.read_metadata(path)
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    growing = sum(group.column(part).total_compressed_size for group in groups for part in (0, 1))
    return CodeBytes(path.stat().st_size, growing, footer.schema.column(1).length, footer.num_rows)
