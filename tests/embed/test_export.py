import csv as csv_module

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.embed.export import export_embeddings
from speckle2vec.errors import UserError
from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.products.embeddings import embedding_values, write_embeddings
from speckle2vec.products.keys import ShardKey

KEYS = (ShardKey("one", "b"), ShardKey("one", "a"))


def catalogue_rows(key, names, verdicts):
    return [
        {
            "sample_id": name, "corpus": key.corpus, "shard": key.shard, "row": row,
            "place": name, "longitude": 1.0, "latitude": 2.0, "dates": [], "split": "train",
            "verdict": verdict, "reason": "",
        }
        for row, (name, verdict) in enumerate(zip(names, verdicts, strict=True))
    ]  # fmt: skip


@pytest.fixture
def made(tmp_path):
    """Two shards of three samples; the middle one of the first is refused in the end."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(6, 1024)).astype(np.float32)
    values[0, :4] = [0.0, 1e-30, -3.4e38, 0.1]
    names = ["0000003", "0000001", "0000002", "x1", "x2", "x3"]
    verdicts = ["accepted", "refused", *["accepted"] * 4]
    rows = []
    for index, key in enumerate(KEYS):
        part = slice(3 * index, 3 * index + 3)
        rows += catalogue_rows(key, names[part], verdicts[part])
        write_embeddings(key.part(tmp_path, ".parquet"), names[part], values[part], {})
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), tmp_path / "catalogue.parquet")
    return tmp_path, values


def export(folder):
    export_embeddings(
        KEYS, folder / "catalogue.parquet", folder, folder / "e.csv", folder / "e.parquet"
    )


def test_the_csv_is_what_benchmarks_read(made):
    folder, values = made
    export(folder)
    with (folder / "e.csv").open() as stream:
        rows = list(csv_module.reader(stream))
    assert rows[0] == ["id", *map(str, range(1024))]
    assert [row[0] for row in rows[1:]] == ["0000003", "0000002", "x1", "x2", "x3"]
    numbers = np.array([row[1:] for row in rows[1:]], dtype=np.float32)
    np.testing.assert_array_equal(numbers, np.delete(values, 1, axis=0))
    assert not (folder / "e.csv").read_text().startswith('"')


def test_the_parquet_holds_the_same_with_places(made):
    folder, values = made
    export(folder)
    table = pq.read_table(folder / "e.parquet")
    np.testing.assert_array_equal(embedding_values(table["embedding"]), np.delete(values, 1, 0))
    frame = pd.read_parquet(folder / "e.parquet")
    assert frame["id"].tolist() == ["0000003", "0000002", "x1", "x2", "x3"]
    assert set(frame.columns) >= {"corpus", "shard", "longitude", "latitude", "dates", "split"}


def test_bytes_repeat(made):
    folder, _ = made
    export(folder)
    first = [(folder / name).read_bytes() for name in ("e.csv", "e.parquet")]
    export(folder)
    assert first == [(folder / name).read_bytes() for name in ("e.csv", "e.parquet")]


def test_a_sample_without_embedding_is_a_sentence_and_leaves_nothing(made):
    folder, values = made
    write_embeddings(KEYS[1].part(folder, ".parquet"), ["x1", "x2"], values[3:5], {})
    with pytest.raises(UserError, match="holds no embedding of x3"):
        export(folder)
    assert not list(folder.glob("*.csv")) + list(folder.glob("e.parquet"))


def test_an_odd_id_stays_one_field(tmp_path):
    key, name = ShardKey("one", "a"), 'a "place", far'
    write_embeddings(key.part(tmp_path, ".parquet"), [name], np.ones((1, 1024), np.float32), {})
    table = pa.Table.from_pylist(catalogue_rows(key, [name], ["accepted"]), SCHEMA)
    pq.write_table(table, tmp_path / "catalogue.parquet")
    export_embeddings(
        [key], tmp_path / "catalogue.parquet", tmp_path, tmp_path / "e.csv", tmp_path / "e.parquet"
    )
    assert pd.read_csv(tmp_path / "e.csv")["id"].tolist() == [name]


def test_samples_that_were_left_out_are_counted_not_missed(made, caplog):
    folder, values = made
    part = KEYS[1].part(folder, ".parquet")
    write_embeddings(part, ["x2"], values[4:5], {"left_out": {"x1": "no pair", "x3": "no pair"}})
    with caplog.at_level("INFO", logger="speckle2vec"):
        export(folder)
    assert "one/a: 2 of 3 samples are not exported" in caplog.text
    assert pd.read_csv(folder / "e.csv", dtype={"id": str})["id"].tolist() == [
        "0000003", "0000002", "x2",
    ]  # fmt: skip
    np.testing.assert_array_equal(
        embedding_values(pq.read_table(folder / "e.parquet")["embedding"]), values[[0, 2, 4]]
    )


def test_a_sample_that_is_missing_for_another_reason_still_fails(made):
    folder, values = made
    part = KEYS[1].part(folder, ".parquet")
    write_embeddings(part, ["x2"], values[4:5], {"left_out": {"x1": "no pair"}})
    with pytest.raises(UserError, match="holds no embedding of x3"):
        export(folder)


def test_a_shard_of_which_nothing_is_left_is_no_row(made):
    folder, values = made
    part = KEYS[1].part(folder, ".parquet")
    write_embeddings(part, [], values[:0], {"left_out": dict.fromkeys(["x1", "x2", "x3"], "-")})
    export(folder)
    assert len(pd.read_csv(folder / "e.csv")) == len(pd.read_parquet(folder / "e.parquet")) == 2
