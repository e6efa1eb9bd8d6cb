"""What the sections of scores say, checked against their tables."""

import json

import pytest
from tests.report.made_run import CODES, LANDCOVER, PROBES, write_table

from speckle2vec.errors import UserError
from speckle2vec.report.codes_part import compression_part
from speckle2vec.report.scores_part import landcover_part, probes_part


def figure(block):
    return json.loads(block.figure)


def test_the_best_code_is_named(small_run):
    plot, table = compression_part(small_run.products.compression, 1).blocks
    assert plot.told == (
        "land-cover by sar-temporal/simclr/cnn-transformer: pca128-int8 is 5,575 times smaller at "
        "no more than 1 of 100 points lost, over 24 samples; over 25,472 pca128-int8 is 8,000 "
        "times smaller."
    )
    losses = {trace["name"]: trace["y"] for trace in figure(plot)["data"]}
    assert losses["binary"] == pytest.approx([7.25])
    assert [row[5] for row in table.rows] == ["0.00", "0.50", "7.25"]


def test_a_score_that_is_not_defined_has_no_best_code(tmp_path):
    names = ("score", "low", "high", "minus_float32", "minus_float32_low", "minus_float32_high")
    write_table(tmp_path / "codes.csv", [{**row, **dict.fromkeys(names, "")} for row in CODES])
    plot, table = compression_part(tmp_path / "codes.csv", 1).blocks
    assert plot.told == (
        "land-cover by sar-temporal/simclr/cnn-transformer: the score is not defined on the "
        "scored blocks, so no code is the best."
    )
    assert [row[4:6] for row in table.rows] == [("not defined", "not defined")] * 3
    assert "NaN" not in plot.figure


def test_probes_stand_beside_baselines(small_run):
    plot, table = probes_part(small_run.products.probes).blocks
    assert plot.told == (
        "land-cover by sar-temporal: cnn-transformer by simclr scores highest, 0.700 (0.600 to "
        "0.800); pretraining helps 1 of 1 (paired interval above 0). Grey squares are baselines."
    )
    assert table.rows[0][:3] == ("cnn-transformer by simclr", "0.700 (0.600 to 0.800)", "+0.050 *")
    trained, beside = figure(plot)["data"]
    assert trained["y"] == ["cnn-transformer by simclr"]
    assert beside["y"] == ["pixel-statistics by none"]
    assert trained["error_x"]["array"] == pytest.approx([0.1])


def test_each_feature_set_is_compared_with_itself(tmp_path):
    others = [{**row, "features": "fusion", "score": row["score"] - 0.3} for row in PROBES]
    others[0] |= {"minus_none": -0.05, "better_than_none": "no"}
    write_table(tmp_path / "probes.csv", [*PROBES, *others])
    radar, _, fusion, table = probes_part(tmp_path / "probes.csv").blocks
    assert radar.name != fusion.name
    told = (
        "cnn-transformer by simclr scores highest, {} (0.600 to 0.800); pretraining helps {} of 1"
    )
    assert radar.told.startswith(f"land-cover by sar-temporal: {told.format('0.700', 1)}")
    assert fusion.told.startswith(f"land-cover by fusion: {told.format('0.400', 0)}")
    for plot in (radar, fusion):
        assert [len(trace["x"]) for trace in figure(plot)["data"]] == [1, 1]
    assert [row[:2] for row in table.rows] == [
        ("cnn-transformer by simclr", "0.400 (0.600 to 0.800)"),
        ("pixel-statistics by none", "0.350 (0.600 to 0.800)"),
    ]


def test_probes_of_one_value_have_no_best_model(tmp_path):
    none = dict.fromkeys(("score", "low", "high", "minus_none", "better_than_none"), "")
    write_table(tmp_path / "probes.csv", [{**row, **none} for row in PROBES])
    plot, table = probes_part(tmp_path / "probes.csv").blocks
    assert plot.told == (
        "land-cover by sar-temporal: the score is not defined on the scored blocks."
    )
    assert [row[1] for row in table.rows] == ["not defined"] * 2


def test_of_several_seeds_the_row_over_all_counts(tmp_path):
    rows = [{**PROBES[0], "score": 0.5}, {**PROBES[0], "seed": "all", "score": 0.6}]
    write_table(tmp_path / "probes.csv", rows)
    assert len(probes_part(tmp_path / "probes.csv").blocks[1].rows) == 1
    assert "0.600" in probes_part(tmp_path / "probes.csv").blocks[0].told


def test_a_seed_that_disagrees_is_told(tmp_path):
    own = {**PROBES[0], "seed": "all", "better_than_none": "yes", "seeds_above_none": "2 of 3"}
    write_table(tmp_path / "probes.csv", [own, {**PROBES[1], "seeds_above_none": ""}])
    plot, table = probes_part(tmp_path / "probes.csv").blocks
    assert "helps 1 of 1 (paired interval above 0, 1 of them not for every seed)" in plot.told
    assert table.rows[0][2] == "+0.050 (*)"
    assert "(*) where the difference does not for every seed" in table.told


def test_land_cover_by_class(small_run):
    scores, classes, _ = landcover_part(small_run.products.landcover).blocks
    assert scores.told.endswith("Grey squares are baselines.")  # of which some are trained
    assert scores.told.startswith("sar-temporal, 100 % of the labels, blocks: cnn-transformer")
    assert classes.told == (
        "cnn-transformer by simclr, whole tells Water best (IoU 90 %) and Bare worst (20 %)."
    )
    (bars,) = figure(classes)["data"]
    assert dict(zip(bars["x"], bars["y"], strict=True)) == {"Water": 90, "Bare": 20}


def test_a_class_that_was_not_scored_is_left_out(tmp_path):
    write_table(tmp_path / "table.csv", [{**LANDCOVER[0], "iou_Bare": ""}])
    assert "Bare" not in landcover_part(tmp_path / "table.csv").blocks[1].told


@pytest.mark.parametrize("make", [probes_part, landcover_part])
def test_another_table_is_a_sentence(make, tmp_path):
    (tmp_path / "other.csv").write_text("id,0\na,1\n")
    with pytest.raises(UserError, match=r"other\.csv: is no table with the columns"):
        make(tmp_path / "other.csv")
    with pytest.raises(UserError, match=r"none\.csv: is missing or damaged"):
        make(tmp_path / "none.csv")
