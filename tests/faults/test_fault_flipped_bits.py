"""A bit that flips in a product is damage, never another number."""

from dataclasses import fields, is_dataclass

import numpy as np
import pyarrow as pa
import pytest
from tests.faults.few_products import KINDS

from speckle2vec.errors import UserError

# Neither settings, which are a person's text, nor raw files, which are as their makers made them.
CHECKED = ("catalogue.parquet", "embeddings.parquet", "confusion.parquet", "codes.parquet",
           "neighbours.parquet", "encoder.safetensors", "statistics.json", "labels.zarr.zip",
           "cubes.zarr.zip", "decoder.safetensors", "images.zarr.zip",
           "scores.parquet")  # fmt: skip


def plain(value):
    """What was read, as something that compares by content."""
    if isinstance(value, pa.Table):
        return value.to_pydict()
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tolist())
    if is_dataclass(value):
        return [plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def flipped(content, place, bit):
    damaged = bytearray(content)
    damaged[place] ^= 1 << bit
    return bytes(damaged)


@pytest.mark.parametrize("name", CHECKED)
def test_fault_a_flipped_bit_is_found_or_changes_nothing(tmp_path, name):
    """At 150 places all over the file; what nobody reads may change."""
    write, read = KINDS[name]
    path = tmp_path / name
    write(path)
    content, found = path.read_bytes(), 0
    truth = repr(plain(read(path)))
    for number, place in enumerate(np.linspace(0, len(content) - 1, 150, dtype=int)):
        path.write_bytes(flipped(content, place, number % 8))
        try:
            assert repr(plain(read(path))) == truth, f"byte {place} of {len(content)}"
        except UserError:
            found += 1
    assert found > 15, found
