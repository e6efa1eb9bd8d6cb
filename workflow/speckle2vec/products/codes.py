"""Codes of embeddings on disk: one Parquet file that holds all that decoding needs.

Columns `id` (text), `code` (bytes of fixed length) and `decoder`: mean, directions, ranges and
codebooks as safetensors, in the first row and null in all others, so that nothing but Parquet
and safetensors is needed and nothing is executed. The name of the code, the digest of the
encoder and what it was fitted on stand as JSON in the metadata.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from safetensors.numpy import load

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.coder import Coder
from speckle2vec.products.encoders import digest_of
from speckle2vec.products.parquet import about_in, table_reader
from speckle2vec.products.refused import refused

KIND = "file of codes"
NEEDED = ("code", "width", "encoder")
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
    digest = digest_of(encoder)
    if digest != found.about["encoder"]:
        raise UserError(
            f"{path}: holds codes of the encoder {found.about['encoder'][:12]}, and {encoder} is "
            f"{digest[:12]}; embeddings of two encoders do not compare: remove what is damaged or "
            "another's and run the same command again."
        )
