"""The paper's grid at its smallest: every cell trains, and its health stands in one table."""

import csv
import math

import pytest

from speckle2vec.choices import METHODS
from speckle2vec.products.encoders import read_encoder

GRID = "config/experiments/deepsentinel-ci.yaml"
ENCODERS = ("resnet18", "resnet34", "resnet18-attention")
CELLS = {(method, encoder) for method in METHODS for encoder in ENCODERS}
BASELINES = {("none", name) for name in ("pixel-statistics", "random-convolutions", "pca")}


def rows_of(path):
    with path.open(newline="") as file:
        return {(row["method"], row["encoder"]): row for row in csv.DictReader(file)}


def test_every_cell_of_the_grid_trains_and_records_its_health(fresh):
    fresh.make("results/grid.csv", config=GRID)
    rows = rows_of(fresh.folder / "results" / "grid.csv")
    assert set(rows) == CELLS | BASELINES
    for (method, encoder), row in rows.items():
        health = [float(row[name]) for name in ("std", "cosine", "rank", "std_untrained")]
        assert all(map(math.isfinite, health)), (method, encoder)
        assert float(row["rank"]) > 1, (method, encoder)
        assert int(row["epochs"]) == (0 if method == "none" else 2)
        assert bool(row["loss_last"]) == bool(row["held_out_loss_last"]) == (method != "none")
        file = fresh.folder / f"results/models/fusion/{method}/{encoder}/encoder.safetensors"
        trained = read_encoder(file)
        assert (trained.method, trained.architecture, trained.channels) == (method, encoder, 14)
    assert not fresh.planned("results/grid.csv", config=GRID)


@pytest.mark.parametrize("target", ["results/probes.csv", "results/grid.csv"])
def test_the_grid_of_the_large_run_is_one_target(fresh, target):
    """Planned only: what is made of two shards instead of 1,563 files."""
    planned = fresh.planned(target, config=GRID)
    assert planned["pretrain"] == len(CELLS | BASELINES)
    if target == "results/probes.csv":
        assert planned["probe"] == len(CELLS | BASELINES)
        assert planned["probe_target"] == planned["probes"] == 1
        assert planned["embed"] == 2 * len(CELLS | BASELINES)
