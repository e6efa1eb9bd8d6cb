"""From raw shards to the table of codes by one target, at its smallest."""

import csv

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.codes import decode
from speckle2vec.products.embeddings import embedding_values, read_embeddings

CONFIG = """
corpora: {tiny: {source: simulated, size: tiny}}
pretrain: {epochs: 1}
probes: {folds: 2, scored: [validation, test], draws: 200, strengths: [0.01, 1.0]}
codes: {names: [int8, pca8-int8, pca4-pq2x4]}
"""
MODEL = "sar-temporal/simclr/cnn-transformer"
PIXELS = "sar-temporal/none/pixel-statistics"


def test_one_target_makes_the_table_of_codes(fresh):
    config = fresh.folder / "codes.yaml"
    config.write_text(CONFIG)
    fresh.make("results/compression.csv", config=str(config))
    results = fresh.folder / "results"
    with (results / "compression.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = ["float32", "int8", "pca8-int8", "pca4-pq2x4", "float32"]
    assert [row["code"] for row in rows] == names
    assert {row["raw_memory"] for row in rows} == {str(4 * 2 * 264 * 264 * 2)}
    assert {row["raw_layout"] for row in rows} == {"float16 4x2x264x264"}
    assert (results / "compression.png").stat().st_size > 0
    path = results / "codes" / MODEL / "float32.parquet"
    ids, values = decode(path, results / "models" / MODEL / "encoder.safetensors")
    for part in sorted((results / "embeddings" / MODEL).rglob("*.parquet")):
        table = read_embeddings(part)
        own = {name: row for row, name in enumerate(table["id"].to_pylist())}
        here = [row for row, name in enumerate(ids) if name in own]
        expected = embedding_values(table["embedding"])[[own[ids[row]] for row in here]]
        np.testing.assert_array_equal(values[here], expected)
    with pytest.raises(UserError, match="two encoders do not compare"):
        decode(path, results / "models" / PIXELS / "encoder.safetensors")
    assert not fresh.planned("results/compression.csv", config=str(config))
    config.write_text(CONFIG.replace("int8, pca8", "int4, pca8"))
    assert fresh.planned("results/compression.csv", config=str(config)) == {
        "encode": 1, "probe_code": 1, "compression": 1,
    }  # fmt: skip
