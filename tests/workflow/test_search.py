"""Search and change by the workflow: of the tiny corpus, and of real stacks."""

import csv
import io

import geopandas
import numpy as np
import pandas as pd
import pytest
import yaml

from speckle2vec.products.embeddings import embedding_values, read_embeddings

MODEL = "sar-temporal/simclr/cnn-transformer"
TABLES = ("results/embeddings.geoparquet", "results/data_card.md")
LISTS = [f"results/search/{MODEL}/{name}.csv" for name in ("duplicates", "outliers")]
PIXELS = "sar-temporal/none/pixel-statistics"
PERIODS = {"before": ["2021-11-01", "2022-12-31"], "after": ["2023-01-01", "2024-01-31"]}


def test_embeddings_are_searched_and_mapped(finished):
    finished.make(*LISTS, *TABLES)
    assert not finished.planned(*LISTS, *TABLES)
    card = (finished.folder / "results/data_card.md").read_text()
    assert "sar-temporal/simclr/cnn-transformer" in card
    frame = geopandas.read_parquet(finished.folder / "results/embeddings.geoparquet")
    table = pd.read_parquet(finished.folder / "results/embeddings.parquet")
    assert set(frame["id"]) == set(table["id"])
    outliers = pd.read_csv(finished.folder / LISTS[1], dtype={"id": str, "nearest": str})
    assert set(outliers["id"]) == set(table["id"])
    values = np.stack(table["embedding"]).astype(np.float64)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    cosines = values @ values[0]
    asked, best = table["id"][0], table["id"][np.argsort(-cosines)[1]]
    done = finished.cli("nearest", "--config", "config/experiments/tiny.yaml", "--embeddings",
                        "results/embeddings.parquet", "--id", asked, "--count", 3)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert next(csv.DictReader(io.StringIO(done.stdout)))["id"] == best
    one_date_each = finished.snakemake(f"results/search/{MODEL}/change.csv")
    assert one_date_each.returncode != 0
    assert "No place has two samples to compare" in one_date_each.stdout
    assert "Traceback" not in one_date_each.stdout


@pytest.fixture
def opera(fresh, shared):
    """Four real stacks of 21 dates, two dates a sample."""
    if not (shared / "opera-rtc-s1-10SGD").is_dir():
        pytest.skip(f"the real data opera-rtc-s1-10SGD are not at {shared}")
    path = fresh.folder / "config/experiments/opera.yaml"
    config = yaml.safe_load(path.read_text())
    config["corpora"]["opera"] |= {"files": "*/OPERA_*_T137-29232[0-3]-IW1_*.tif", "dates": 2}
    config |= {
        "data": str(shared), "model": {"method": "none", "encoder": "pixel-statistics"},
        "splits": {"train": 1, "validation": 0, "test": 0}, "search": PERIODS,
    }  # fmt: skip
    path.write_text(yaml.safe_dump(config))
    return fresh, str(path)


def test_real_stacks_tell_where_they_changed(opera):
    project, config = opera
    target = f"results/search/{PIXELS}/change.csv"
    project.make(target, "results/catalogue.parquet", config=config)
    changes = pd.read_csv(project.folder / target).set_index("place")
    catalogue = geopandas.read_parquet(project.folder / "results/catalogue.parquet")
    catalogue = catalogue[catalogue["verdict"] == "accepted"]
    assert set(changes.index) == set(catalogue["place"])
    assert len(changes) >= 2
    assert changes["cosine_change"].is_monotonic_decreasing
    for place, samples in catalogue.groupby("place"):
        units = units_of(project.folder / f"results/embeddings/{PIXELS}/opera/{place}.parquet")
        starts = samples["dates"].map(min).map(pd.Timestamp)
        ends = samples["dates"].map(max).map(pd.Timestamp)
        means = []
        for first, last in PERIODS.values():
            inside = (starts >= first) & (ends < pd.Timestamp(last) + pd.Timedelta(days=1))
            means.append(np.mean([units[name] for name in samples["sample_id"][inside]], axis=0))
        cosine = means[0] @ means[1] / np.linalg.norm(means[0]) / np.linalg.norm(means[1])
        assert changes.loc[place, "cosine_change"] == pytest.approx(1 - cosine, abs=3e-6)


def units_of(path):
    table = read_embeddings(path)
    values = embedding_values(table["embedding"]).astype(np.float64)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return dict(zip(table["id"].to_pylist(), values, strict=True))
