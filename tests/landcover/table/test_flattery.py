"""How much the random split flatters, against differences reckoned by hand."""

from speckle2vec.landcover.table.flattery import flattery


def row(split, score, method="vae", share="100", **changes):
    return {"features": "fusion", "method": method, "encoder": "resnet18", "mode": "whole",
            "share": share, "split": split, "weighted_iou": score, **changes}  # fmt: skip


PIXELS = {"method": "pixels", "encoder": "majority", "mode": "fit"}


def test_gains_are_random_minus_blocks_over_runs_that_have_both():
    rows = [
        row("blocks", "0.5"), row("random", "0.6"), row("blocks", "0.4", "mae"),
        row("random", "0.37", "mae"), row("blocks", "0.1", "csf"), row("random", "0.9", "simclr"),
    ]  # fmt: skip
    title, told, table = flattery(rows)
    assert title == "## How much the random split flatters"
    assert "score +3.5 points there on average (-3.0 to +10.0)" in told
    assert table.splitlines() == [
        "| blocks, random | 100 % |",
        "|---|---|",
        "| fusion, vae, resnet18, whole | 50.0, 60.0 (+10.0) |",
        "| fusion, mae, resnet18, whole | 40.0, 37.0 (-3.0) |",
    ]


def test_shares_stand_side_by_side_and_one_that_was_not_run_is_empty():
    rows = [row(split, score, method, share)
            for method, share in (("vae", "5"), ("vae", "100"), ("mae", "100"))
            for split, score in (("blocks", 0.2), ("random", 0.3))]  # fmt: skip
    lines = list(flattery(rows))[2].splitlines()
    assert lines[0] == "| blocks, random | 5 % | 100 % |"
    assert lines[3].count("20.0, 30.0 (+10.0)") == 1
    assert lines[3].startswith("| fusion, mae, resnet18, whole |  | 20.0")
    assert {line.count("|") for line in lines} == {4}


def test_classifiers_of_pixels_are_listed_and_count_in_no_average():
    rows = [row("blocks", 0.5), row("random", 0.6), row("blocks", 0.1, **PIXELS),
            row("random", 0.8, **PIXELS)]  # fmt: skip
    _, told, table = flattery(rows)
    assert "+10.0 points there on average (+10.0 to +10.0)" in told
    assert "| fusion, pixels, majority, fit | 10.0, 80.0 (+70.0) |" in table


def test_without_any_encoder_no_average_is_told():
    _, told, _ = flattery([row("blocks", 0.1, **PIXELS), row("random", 0.8, **PIXELS)])
    assert "average" not in told


def test_one_split_alone_has_no_such_section():
    assert list(flattery([])) == []
    assert list(flattery([row("blocks", 0.5), row("blocks", 0.4, "mae")])) == []
    assert list(flattery([row("blocks", 0.5), row("random", 0.4, share="5")])) == []
