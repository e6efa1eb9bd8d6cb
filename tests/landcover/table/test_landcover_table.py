"""The table of runs on labels: its figures, its pairs, and what cannot be compared."""

import csv

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, jaccard_score
from tests.landcover.few_classes import CLASSES, settings_of

from speckle2vec.errors import UserError
from speckle2vec.landcover.table.cells import Cell
from speckle2vec.landcover.table.run import make_table
from speckle2vec.products.confusions import read_confusion
from speckle2vec.products.labels import LabelClass

GRID = {"methods": ["none", "vae"], "encoders": ["resnet18"]}
SKILL = {"none": 0.4, "vae": 0.7, "pixels": 0.5}


def skill(cell):
    gain = {"random-forest": 0.05, "majority": -0.4}.get(cell.encoder, 0)
    return SKILL[cell.method] + gain + (0.1 if cell.split == "random" else 0)


def table_of(runs, settings):
    output, markdown = runs.folder / "table.csv", runs.folder / "table.md"
    make_table(settings, settings.cells, runs.folder, output, markdown)
    return pd.read_csv(output, dtype={"seed": str, "share": str}), markdown.read_text()


def made(runs, grid=GRID, absent=(), blocks=12, **landcover):
    settings = settings_of(grid=grid, landcover={"draws": 300, **landcover})
    runs.draw(settings, skill, blocks, absent)
    return (settings, *table_of(runs, settings))


def row_of(table, **wanted):
    found = table
    for name, value in wanted.items():
        found = found[found[name] == value]
    assert len(found) == 1
    return found.iloc[0]


def labels_of(counts):
    truth, predicted = np.nonzero(counts)
    times = counts[truth, predicted]
    return np.repeat(truth, times), np.repeat(predicted, times)


def weighted_iou(counts):
    """The paper's measure, class by class."""
    total = 0.0
    for place, right in enumerate(np.diagonal(counts)):
        true, predicted = counts[place].sum(), counts[:, place].sum()
        total += true * right / (true + predicted - right)
    return total / counts.sum()


def test_rows_are_the_cells_in_their_order(runs):
    settings, table, _ = made(runs, shares=[5, 100])
    cells = [Cell.parse(name, settings.seed) for name in settings.cells]
    found = list(zip(table["features"], table["method"], table["encoder"], table["mode"],
                     table["share"], strict=True))  # fmt: skip
    assert found == [(c.features, c.method, c.encoder, c.mode, f"{c.share:g}") for c in cells]
    assert (table["blocks"] == 12).all()
    assert (table["samples"] == 24).all()


def test_figures_are_those_of_sklearn(runs):
    _, table, _ = made(runs)
    row = row_of(table, method="vae")
    counts = read_confusion(runs.folder / "sar-temporal/vae/resnet18/whole-100/confusion.parquet")
    truth, predicted = labels_of(counts.counts.sum(axis=0))
    for name, average in (("weighted_iou", "weighted"), ("mean_iou", "macro")):
        assert row[name] == pytest.approx(
            jaccard_score(truth, predicted, average=average), abs=1e-6
        )
    assert row["macro_f1"] == pytest.approx(f1_score(truth, predicted, average="macro"), abs=1e-6)
    assert row["accuracy"] == pytest.approx((truth == predicted).mean(), abs=1e-6)
    iou = jaccard_score(truth, predicted, average=None)
    assert [row[f"iou_{one.name}"] for one in CLASSES] == pytest.approx(iou.tolist(), abs=1e-6)
    assert row["iou_town_low"] < row["iou_town"] < row["iou_town_high"]


def test_differences_are_paired_over_blocks(runs):
    settings, table, _ = made(runs, draws=1500)
    row = row_of(table, method="vae")
    assert row["best_pixels"] == "random-forest"
    counts = {
        name: read_confusion(runs.folder / name / "confusion.parquet").counts
        for name in settings.cells
    }
    mine = counts["sar-temporal/vae/resnet18/whole-100"]
    others = {
        "none": counts["sar-temporal/none/resnet18/whole-100"],
        "pixels": counts["sar-temporal/pixels/random-forest/fit-100"],
    }
    for name, other in others.items():
        random, found = np.random.default_rng(0), []
        for _ in range(400):
            drawn = random.integers(12, size=12)
            scores = [weighted_iou(one[drawn].sum(axis=0)) for one in (mine, other)]
            found.append(scores[0] - scores[1])
        low, high = np.quantile(found, (0.025, 0.975))
        assert row[f"minus_{name}_low"] == pytest.approx(low, abs=0.01)
        assert row[f"minus_{name}_high"] == pytest.approx(high, abs=0.01)
        assert row[f"better_than_{name}"] == "yes"


def test_what_is_worse_is_not_called_better(runs):
    _, table, _ = made(runs)
    assert row_of(table, method="none", mode="whole")["better_than_pixels"] == "no"
    alone = table[table["method"] == "none"]
    assert alone["minus_none"].isna().all()
    assert table[table["method"] == "pixels"][["minus_pixels", "best_pixels"]].isna().all(axis=None)


def test_seeds_are_rows_and_so_is_their_mean(runs):
    _, table, _ = made(runs, {**GRID, "seeds": [42, 7]})
    rows = table[(table["method"] == "vae") & (table["mode"] == "whole")].set_index("seed")
    assert list(rows.index) == ["42", "7", "all"]
    each = rows.loc[["42", "7"]]
    for name in ("weighted_iou", "mean_iou", "minus_none", "minus_pixels", "iou_water"):
        assert rows.loc["all", name] == pytest.approx(each[name].mean(), abs=2e-6)
    assert rows.loc["all", "spread"] == pytest.approx(each["weighted_iou"].std(), abs=2e-6)
    above = (each["minus_none"] > 0).sum()
    assert rows["seeds_above_none"].fillna("").tolist() == ["", "", f"{above} of 2"]
    none = table[(table["method"] == "none") & (table["mode"] == "whole")].set_index("seed")
    expected = each["weighted_iou"] - none.loc[["42", "7"], "weighted_iou"]
    assert each["minus_none"].tolist() == pytest.approx(expected.tolist(), abs=2e-6)


def test_a_class_that_is_not_in_the_test_is_undefined_and_said(runs):
    _, table, text = made(runs, absent=[2])
    assert table["iou_water"].isna().all()
    assert table["mean_iou"].tolist() == pytest.approx(
        table[["iou_town", "iou_forest"]].mean(axis=1).tolist(), abs=2e-6
    )
    assert "no pixel of theirs is water, whose IoU is undefined" in text


def test_one_block_has_no_interval(runs):
    _, table, text = made(runs, blocks=1)
    assert table["weighted_iou"].notna().all()
    assert table[["low", "high", "better_than_none", "iou_town_low"]].isna().all(axis=None)
    assert "one block alone has no interval" in text


def test_blocks_without_a_labelled_pixel_do_not_count(runs):
    settings, before, _ = made(runs)
    name = settings.cells[0]
    found = read_confusion(runs.folder / name / "confusion.parquet")
    counts = np.concatenate([found.counts, np.zeros((1, 3, 3), int)])
    runs.write(name, counts, blocks=(*found.blocks, "empty"), samples={"scored": 24})
    pd.testing.assert_frame_equal(table_of(runs, settings)[0], before)


def test_the_same_runs_are_the_same_bytes(runs):
    settings, *_ = made(runs)
    before = [(runs.folder / name).read_bytes() for name in ("table.csv", "table.md")]
    table_of(runs, settings)
    assert [(runs.folder / name).read_bytes() for name in ("table.csv", "table.md")] == before


def test_other_classes_cannot_be_compared(runs):
    settings, *_ = made(runs)
    other = (*CLASSES[:2], LabelClass(3, 4, "wetlands", "#a6a6ff"))
    runs.write(settings.cells[1], np.ones((12, 3, 3), int), other)
    with pytest.raises(UserError, match=r"asked the classes town, forest, wetlands, and .* water"):
        table_of(runs, settings)


def test_other_test_samples_cannot_be_compared(runs):
    settings, *_ = made(runs)
    found = read_confusion(runs.folder / settings.cells[1] / "confusion.parquet")
    counts = found.counts.copy()
    counts[0, 0, 0] += 1
    runs.write(settings.cells[1], counts)
    with pytest.raises(UserError, match="were asked other test samples or labels") as error:
        table_of(runs, settings)
    assert "vae/resnet18@42/whole-100" in str(error.value)
    assert f"{counts.sum()} pixels of 12 blocks" in str(error.value)
    runs.write(settings.cells[1], found.counts, scored=["validation", "test"])
    with pytest.raises(UserError, match="cannot be compared"):
        table_of(runs, settings)


def test_a_run_that_counted_nothing_or_is_missing_is_a_sentence(runs):
    settings, *_ = made(runs)
    runs.write(settings.cells[0], np.zeros((2, 3, 3), int))
    with pytest.raises(UserError, match="counts no pixel"):
        table_of(runs, settings)
    (runs.folder / settings.cells[0] / "confusion.parquet").unlink()
    with pytest.raises(UserError, match="is missing or damaged"):
        table_of(runs, settings)


def test_no_run_at_all_is_a_sentence(runs):
    with pytest.raises(UserError, match="There is no run on labels to compare"):
        make_table(settings_of(), [], runs.folder, runs.folder / "a.csv", runs.folder / "a.md")


def test_a_cell_is_named_by_its_four_parts():
    cell = Cell.parse("fusion/vae/resnet18@7/frozen-25-random", 42)
    assert cell == ("fusion", "vae", "resnet18", 7, "frozen", 25, "random")
    assert str(cell.run) == "frozen-25-random"
    with pytest.raises(UserError, match="`fusion/vae` names no run on labels"):
        Cell.parse("fusion/vae", 42)


def test_the_table_is_read_by_a_plain_reader(runs):
    made(runs)
    with (runs.folder / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 + 2 + 3
    assert all(None not in row and None not in row.values() for row in rows)
