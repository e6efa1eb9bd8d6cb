"""Bounds of columns, which no checksum guards, decide over nothing."""

import itertools
import re

import numpy as np
import pyarrow as pa
import pytest

from speckle2vec.errors import UserError
from speckle2vec.products import osm_features, places

SHARDS = ("train-000001", "train-000002")
DAMAGED = "damaged"


def write_places(path):
    shards = np.repeat(SHARDS, 500)
    positions = np.random.default_rng(0).uniform(-60, 60, (len(shards), 2))
    places.write_places(path, positions, np.full(len(shards), "", object), shards, {"seed": 1})


def write_features(path):
    plain = {"osm_type": "node", "version": 0, "theme": "water", "class": "lake", "tags": "{}",
             "hidden": False, "whole": True, "geometry": b""}  # fmt: skip
    tables = [
        pa.Table.from_pylist(
            [{"sample_id": "a", "shard": shard, "osm_id": number, **plain} for number in range(9)],
            schema=osm_features.SCHEMA,
        )
        for shard in SHARDS
    ]
    osm_features.write_features(path, tables, {})


def bounds_of(content):
    """Where the last letter of each bound of the shards stands in the footer."""
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    return [start + found.end() - 1 for found in re.finditer(rb"train-00000\d", content[start:])]


def rows_of(read, path, shard):
    try:
        return read(path, shard).to_pylist()
    except UserError as error:
        return DAMAGED if DAMAGED in str(error) else str(error)


@pytest.mark.parametrize(
    ("write", "read"),
    [(write_places, places.read_places), (write_features, osm_features.read_features)],
    ids=["places", "features"],
)
def test_a_bit_that_flips_in_a_bound_loses_no_row_in_silence(tmp_path, monkeypatch, write, read):
    monkeypatch.setattr(places, "ROWS_TOGETHER", 300)
    path = tmp_path / "a.parquet"
    write(path)
    content = path.read_bytes()
    truth = {shard: read(path, shard).to_pylist() for shard in SHARDS}
    assert all(truth.values())
    assert bounds_of(content)
    for place, bit in itertools.product(bounds_of(content), range(3)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        for shard in SHARDS:
            assert rows_of(read, path, shard) in (truth[shard], DAMAGED), (place, bit, shard)
