"""Rows of the table of runs, as the page and the figures read them."""

import pytest

from speckle2vec.landcover.table.rows import final_rows, is_baseline, named, percent, place_of
from speckle2vec.settings.landcover import RANDOM_ENCODER


def row(seed="42", **changes):
    return {"features": "fusion", "method": "vae", "encoder": "resnet18", "mode": "whole",
            "share": "100", "split": "blocks", "seed": seed, **changes}  # fmt: skip


def test_of_several_seeds_only_the_row_over_all_is_left_and_runs_keep_their_order():
    rows = [row("1"), row("2"), row("all"), row("1", method="mae"), row("1", share="5")]
    found = final_rows(rows)
    assert [(one["method"], one["share"], one["seed"]) for one in found] == [
        ("vae", "100", "all"), ("mae", "100", "1"), ("vae", "5", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["features", "method", "encoder", "mode", "share", "split"])
def test_runs_that_differ_in_anything_but_the_seed_are_two(name):
    assert len(final_rows([row(), row(**{name: "other"})])) == 2
    assert final_rows([]) == []


def test_shares_read_from_a_file_and_reckoned_share_a_place():
    assert place_of(row(share=100)) == place_of(row(share="100")) == ("fusion", "100", "blocks")
    assert place_of(row(share="5")) != place_of(row())


def test_what_stands_beside_is_named_by_what_it_is():
    pixels = row(method="pixels", encoder="majority", mode="fit")
    untrained = row(method="none", encoder=RANDOM_ENCODER, mode="frozen")
    assert [is_baseline(one) for one in (pixels, untrained, row(), row(method="none"))] == [
        True, True, False, False,
    ]  # fmt: skip
    assert named(pixels) == "majority, pixel by pixel"
    assert named(untrained) == f"{RANDOM_ENCODER}, frozen"


@pytest.mark.parametrize(
    ("cell", "told"),
    [("0.12345", "12.3"), (0, "0.0"), (0.0, "0.0"), ("1", "100.0"), ("", "undefined"),
     ("-0.031", "-3.1")],
)  # fmt: skip
def test_a_cell_is_told_in_percent_and_a_score_of_nothing_is_not_undefined(cell, told):
    assert percent(cell) == told
