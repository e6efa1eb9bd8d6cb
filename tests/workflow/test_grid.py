"""The paper's grid at its smallest: every cell trains, and its health stands in one table."""

import csv
import math

import pytest

from speckle2vec.choices import METHODS
from speckle2vec.products.encoders import read_encoder

GRID = "config/experiments/deepsentinel-ci.yaml"
TABLE = "results/landcover/table.csv"
PIXELS = ("majority", "logistic-regression", "random-forest")
ENCODERS = ("resnet18", "resnet34", "resnet18-attention")
CELLS = {(method, encoder) for method in METHODS for encoder in ENCODERS}
BASELINES = {("none", name) for name in ("pixel-statistics", "random-convolutions", "pca")}


def rows_of(path):
    with path.open(newline="") as file:
        return {(row["method"], row["encoder"]): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def made(once):
    """The grid and its table of land cover: minutes of work."""
    return once("grid", "results/grid.csv", TABLE, "results/landcover/table.png", config=GRID)


def test_every_cell_of_the_grid_trains_and_records_its_health(made):
    rows = rows_of(made.folder / "results" / "grid.csv")
    assert set(rows) == CELLS | BASELINES
    for (method, encoder), row in rows.items():
        health = [float(row[name]) for name in ("std", "cosine", "rank", "std_untrained")]
        assert all(map(math.isfinite, health)), (method, encoder)
        assert float(row["rank"]) > 1, (method, encoder)
        assert int(row["epochs"]) == (0 if method == "none" else 2)
        assert bool(row["loss_last"]) == bool(row["held_out_loss_last"]) == (method != "none")
        file = made.folder / f"results/models/fusion/{method}/{encoder}/encoder.safetensors"
        trained = read_encoder(file)
        assert (trained.method, trained.architecture, trained.channels) == (method, encoder, 14)
    assert not made.planned("results/grid.csv", config=GRID)


def test_the_table_of_land_cover_has_every_cell_beside_what_keeps_it_honest(made):
    with (made.folder / TABLE).open(newline="") as file:
        rows = {(row["method"], row["encoder"], row["mode"]): row for row in csv.DictReader(file)}
    still = {("none", name, "frozen") for name in (*ENCODERS, "random-convolutions")}
    pixels = {("pixels", name, "fit") for name in PIXELS}
    assert set(rows) == {(*cell, "whole") for cell in CELLS} | still | pixels
    (samples,) = {row["samples"] for row in rows.values()}
    assert int(samples) > 0
    for cell, row in rows.items():
        low, score, high = (float(row[name]) for name in ("low", "weighted_iou", "high"))
        assert 0 <= low <= score <= high <= 1, cell
        assert (row["minus_none"] != "") == (cell[0] not in ("none", "pixels"))
    text = (made.folder / TABLE).with_suffix(".md").read_text()
    assert all(name in text for name in (*METHODS, *ENCODERS, *PIXELS))
    assert not made.planned(TABLE, config=GRID)


@pytest.mark.parametrize("target", ["results/probes.csv", "results/grid.csv"])
def test_the_grid_of_the_large_run_is_one_target(fresh, target):
    """Planned only: what is made of two shards instead of 1,563 files."""
    planned = fresh.planned(target, config=GRID)
    assert planned["pretrain"] + planned["pretrain_decoding"] == len(CELLS | BASELINES)
    if target == "results/probes.csv":
        assert planned["probe"] == len(CELLS | BASELINES)
        assert planned["probe_target"] == planned["probes"] == 1
        assert planned["embed"] == 2 * len(CELLS | BASELINES)
