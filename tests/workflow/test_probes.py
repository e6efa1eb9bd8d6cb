"""Probes and seeds, run by the workflow on the models of the report's encoder."""

import csv

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml

TARGETS = ("results/probes.csv", "results/grid.csv")


@pytest.fixture
def probing(finished):
    """The finished main job with a grid of two seeds and a table of the user's own."""
    path = finished.folder / "config/experiments/tiny.yaml"
    config = yaml.safe_load(path.read_text())
    config["grid"] = {"methods": ["none", "simclr"], "baselines": [], "seeds": [42, 7]}
    config["probes"] = {
        "labels": ["land-cover", "longitude"],
        "tables": {"longitude": {"path": "longitude.csv", "kind": "regression"}},
        "scored": ["validation", "test"], "folds": 3, "draws": 200,
    }  # fmt: skip
    config["data"] = "."
    path.write_text(yaml.safe_dump(config))
    table = pq.read_table(finished.folder / "results/catalogue.parquet").to_pandas()
    kept = table[table["verdict"] == "accepted"].rename(
        columns={"sample_id": "id", "longitude": "label"}
    )
    kept[["id", "label"]].to_csv(finished.folder / "longitude.csv", index=False)
    return finished


def rows_of(project, name):
    with (project.folder / "results" / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_seeds_share_the_data_and_probes_compare_them(probing):
    planned = probing.planned(*TARGETS)
    assert planned["pretrain"] == 3, "the finished model of the run's own seed is not trained anew"
    assert not {"simulate", "ingest", "preprocess", "statistics"} & set(planned)
    probing.make(*TARGETS)
    assert not probing.planned(*TARGETS)
    rows = rows_of(probing, "probes.csv")
    cells = [(row["label"], row["method"], row["encoder"], row["seed"]) for row in rows]
    assert len(cells) == len(set(cells)) == 2 * (4 + 2)
    scores = [float(row["score"]) for row in rows]
    assert np.isfinite(scores).all()
    learnt = [row for row in rows if row["method"] == "simclr"]
    assert all(row["minus_none"] for row in learnt)
    seeds = {row["seed"]: row["std"] for row in rows_of(probing, "grid.csv")
             if row["method"] == "simclr"}  # fmt: skip
    assert set(seeds) == {"42", "7"}
    assert seeds["42"] != seeds["7"]
    table_missing_a_sample_is_refused(probing)


def table_missing_a_sample_is_refused(probing):
    """A mistake in the user's table stops in a sentence, and only its own rules ran."""
    path = probing.folder / "longitude.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    assert set(probing.planned("results/probes.csv")) == {"probe_target", "probe", "probes"}
    done = probing.snakemake("results/probes.csv")
    assert done.returncode != 0
    assert "holds no label of" in done.stdout
    assert "`probes.tables.longitude.unmatched`" in done.stdout
    assert "Traceback" not in done.stdout
