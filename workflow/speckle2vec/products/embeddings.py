"""Embeddings on disk: one Parquet part a shard, 1024 float32 a sample."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.errors import UserError
from speckle2vec.products.belonging import check_belongs, of_shard
from speckle2vec.products.encoders import digest_of
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.parquet import (
    METADATA_KEY,
    about_of,
    read_table,
    told,
    write_table,
)
from speckle2vec.products.refused import refused

WIDTH = 1024
# Embeddings neither repeat nor compress: packing them costs time and saves nothing.
PARQUET: dict[str, Any] = {"compression": "none", "use_dictionary": ["corpus", "shard", "split"]}
FloatArray = npt.NDArray[np.float32]


def embedding_column(embeddings: FloatArray) -> pa.FixedSizeListArray:
    """Embeddings (sample, 1024) as one Arrow column."""
    return pa.FixedSizeListArray.from_arrays(pa.array(embeddings.ravel()), WIDTH)


def embedding_values(column: pa.ChunkedArray) -> FloatArray:
    """The Arrow column as an array (sample, 1024)."""
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat, dtype=np.float32).reshape(-1, WIDTH)


def write_embeddings(
    path: Path, sample_ids: Sequence[str], embeddings: FloatArray, attributes: Mapping[str, Any]
) -> None:
    """Write the embeddings of one shard.

    Args:
        path: `results/embeddings/{model}/{corpus}/{shard}.parquet`.
        sample_ids: Ids, in the order of the rows.
        embeddings: (sample, 1024) float32.
        attributes: Encoder, units and settings, kept in the file's metadata.

    Raises:
        UserError: An embedding is not finite.
    """
    broken = [name for name, row in zip(sample_ids, embeddings, strict=True)
              if not np.isfinite(row).all()]  # fmt: skip
    if broken:
        raise UserError(
            f"{path}: the encoder gives no finite embedding for {broken[0]} and "
            f"{len(broken) - 1} others; its weights are damaged: remove the encoder and train anew."
        )
    columns = {"id": pa.array(sample_ids, pa.string()), "embedding": embedding_column(embeddings)}
    write_table(pa.table(columns).replace_schema_metadata(told(attributes)), path, **PARQUET)


def embedding_attributes(schema: pa.Schema) -> dict[str, Any]:
    """The attributes a part was written with; none where it says nothing."""
    return about_of(schema) if METADATA_KEY in (schema.metadata or {}) else {}


def read_embeddings(path: Path) -> pa.Table:
    """Read the embeddings of one shard: columns `id` and `embedding`.

    Raises:
        UserError: The file is missing or damaged.
    """
    return read_table(path)


def check_parts(keys: Iterable[ShardKey], folder: Path, encoder: Path | None = None) -> str:
    """See that a model's parts are of their shards and of one encoder, before they are read.

    Args:
        keys: The shards.
        folder: Folder of the model's parts, `results/embeddings/{model}`.
        encoder: The encoder's file, where it is at hand.

    Returns:
        SHA-256 of the encoder's file; empty where the parts do not say.

    Raises:
        UserError: A part is missing, damaged or another's.
    """
    first, digest = encoder, digest_of(encoder) if encoder else ""
    for key in keys:
        path = key.part(folder, ".parquet")
        with refused(path):
            about = embedding_attributes(pq.read_schema(path))
        check_belongs(path, about, of_shard(key))
        own = str(about.get("encoder", ""))
        first, digest = (first, digest) if first else (path, own)
        if own != digest:
            raise UserError(
                f"{path}: comes from the encoder {own[:12]}, and {first} is of "
                f"{digest[:12]}; embeddings of two encoders do not compare: remove what is "
                "damaged or another's and run the same command again."
            )
    return digest


def about_table(path: Path) -> dict[str, Any]:
    """Of which shards and of which encoder a table of embeddings is.

    Args:
        path: `results/embeddings.parquet`.

    Raises:
        UserError: The file is missing or damaged, or the part of one shard.
    """
    with refused(path, "table of embeddings"):
        about = embedding_attributes(pq.read_schema(path))
        if "shard" in about:
            raise ValueError(f"it is the part of {about['corpus']}/{about['shard']} alone")
        return about


def made_by(about: Mapping[str, Any]) -> dict[str, str]:
    """What an encoder's `digest` has to be for a table that says so much of itself."""
    return {"digest": about["encoder"]} if about.get("encoder") else {}
