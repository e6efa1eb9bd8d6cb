"""The data card tells what the table and the catalogue hold."""

import re
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.embed import data_card
from speckle2vec.embed.data_card import write_data_card
from speckle2vec.errors import UserError
from speckle2vec.measures.health import health
from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.products.embeddings import embedding_column
from speckle2vec.products.encoders import EncoderFile, write_encoder
from speckle2vec.products.statistics import Statistics
from speckle2vec.settings.load import parse_settings

CORPORA = {
    "drawn": {"source": "simulated"},
    "mine": {"source": "geotiff", "path": "x", "files": "*", "pattern": "(?P<place>.*)",
             "units": "db", "calibration": "gamma0", "dates": 1},
}  # fmt: skip
SETTINGS = parse_settings({"corpora": CORPORA}, "test")
SPLITS = ("train", "train", "validation", "test", "buffer")


def sample(number, **changes):
    corpus = "mine" if number >= 20 else "drawn"
    return {
        **dict.fromkeys(SCHEMA.names), "sample_id": f"{number}", "corpus": corpus, "shard": "a",
        "row": number, "place": f"{number // 2}", "longitude": 10 + number, "latitude": 47.5,
        "dates": [datetime(2020, 1, 1 + number)], "split": SPLITS[number % 5],
        "verdict": "accepted", "reason": "", **changes,
    }  # fmt: skip


@pytest.fixture
def made(tmp_path):
    """25 accepted samples of two corpora, three refused ones, and their embeddings."""
    refused = {"verdict": "refused", "split": None}
    rows = [sample(number) for number in range(25)] + [
        sample(25, reason="0.51 of the pixels have a value", **refused),
        sample(26, reason="0.7 of the pixels have a value", **refused),
        sample(27, reason="it has | 3 dates", longitude=None, **refused),
    ]
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), tmp_path / "catalogue.parquet")
    values = np.random.default_rng(1).normal(size=(25, 1024)).astype(np.float32)
    table = pa.table({"id": [f"{n}" for n in range(25)], "embedding": embedding_column(values)})
    pq.write_table(table, tmp_path / "embeddings.parquet", row_group_size=7)
    units = {"vv_mean": "dB"}
    statistics = Statistics(("vv_mean",), units, "gamma0", (9.0,), (0.0,), (1.0,), "data")
    encoder = EncoderFile("cnn-transformer", 1, {}, statistics, {}, "simclr", {}, 42, "d" * 64, 17,
                          "code", {}, {"weight": np.ones(3, np.float32)})  # fmt: skip
    write_encoder(encoder, tmp_path / "encoder.safetensors")
    return tmp_path, values


def write(folder, name="card.md", settings=SETTINGS):
    files = [folder / one for one in ("embeddings.parquet", "catalogue.parquet")]
    write_data_card(settings, *files, folder / "encoder.safetensors", folder / name)
    return (folder / name).read_text()


def test_it_tells_what_the_table_holds_and_who_made_it(made):
    text = write(made[0])
    assert "25 embeddings of 1024 float32 numbers" in text
    assert f"trained on 17 samples, data {'d' * 16}, seed 42; features in gamma0" in text


def test_each_corpus_with_its_counts_dates_and_places(made):
    rows = {line.split(" | ")[0].strip("| "): line for line in write(made[0]).splitlines()}
    assert "nobody else's rights" in rows["drawn"]
    assert "| 20 of 20 | 10 | 2020-01-01 to 2020-01-20 | 10.00 to 29.00 | 47.50" in rows["drawn"]
    assert "| 5 of 8 | 3 | 2020-01-21 to 2020-01-25 | 30.00 to 34.00 |" in rows["mine"]


def test_splits_count_accepted_samples_only(made):
    text = write(made[0])
    assert re.findall(r"^\| (\w+) \| (\d+) \| ([\d.]+%) \|$", text, re.MULTILINE) == [
        ("buffer", "5", "20.0%"), ("test", "5", "20.0%"), ("train", "10", "40.0%"),
        ("validation", "5", "20.0%"),
    ]  # fmt: skip
    assert "Blocks of 25 km" in text


def test_reasons_that_differ_by_numbers_are_one(made):
    text = write(made[0])
    assert "| 2 | # of the pixels have a value |" in text
    assert "| 1 | it has \\| # dates |" in text


def test_nothing_refused_is_said(made):
    folder, _ = made
    table = pq.read_table(folder / "catalogue.parquet").slice(0, 25)
    pq.write_table(table, folder / "catalogue.parquet")
    assert "No sample was refused." in write(folder)


def test_health_is_that_of_the_embeddings(made, monkeypatch):
    folder, values = made
    found = health(values)
    text = write(folder)
    assert f"Of 25 samples: length {np.linalg.norm(values, axis=1).mean():.3g}" in text
    assert f"directions {found.std:.2f}" in text
    assert f"effective rank {found.rank:.1f}" in text
    monkeypatch.setattr(data_card, "MOST_JUDGED", 10)
    assert "Of 10 samples" in write(folder)


def test_the_drawn_embeddings_are_rows_of_the_table(made, monkeypatch):
    folder, values = made
    monkeypatch.setattr(data_card, "MOST_JUDGED", 11)
    drawn = data_card._drawn(folder / "embeddings.parquet", 5)
    rows = [np.flatnonzero((values == one).all(axis=1)).item() for one in drawn]
    assert len(set(rows)) == 11
    assert rows == sorted(rows)


def test_equal_products_give_equal_bytes(made):
    assert write(made[0], "a.md") == write(made[0], "b.md")


@pytest.mark.parametrize("name", ["embeddings.parquet", "catalogue.parquet", "encoder.safetensors"])
def test_a_damaged_file_is_named(made, name):
    folder, _ = made
    (folder / name).write_bytes(b"PAR1 and no more")
    with pytest.raises(UserError, match=rf"{name}: is missing"):
        write(folder)
    assert not (folder / "card.md").exists()
