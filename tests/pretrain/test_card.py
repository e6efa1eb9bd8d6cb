"""The model card."""

from dataclasses import replace

import numpy as np
import pytest
from tests.products.written_encoder import encoder

from speckle2vec.pretrain.card import write_card

HISTORY = [
    {"epoch": 0, "std": 0.123456, "kept": 0},
    {"epoch": 1, "loss": 2.0, "std": float("nan"), "kept": 1},
]


@pytest.fixture
def card(tmp_path):
    """The text of the card of an encoder, changed or as it is."""

    def write(history=HISTORY, held_out_is_training=False, **changes):
        path = tmp_path / "card.md"
        write_card(replace(encoder(), **changes), history, held_out_is_training, path)
        return path.read_text()

    return write


def rows_of(text, name):
    """Cells of the table below a column of that name."""
    lines = text.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("|") and name in line)
    table = [line for line in lines[start:] if not line or line.startswith("|")]
    table = table[: table.index("")] if "" in table else table
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]


def test_every_feature_has_a_row_with_what_normalises_it(card):
    assert rows_of(card(), "feature")[2:] == [
        ["vv", "dB", "-12", "5"],
        ["vh", "dB", "-20.1", "0"],
    ]


def test_epochs_are_rows_and_what_was_not_measured_is_empty(card):
    first, _, *rows = rows_of(card(), "epoch")
    assert first == ["epoch", "loss", "std", "kept"]
    assert rows == [["0", "", "0.1235", "0"], ["1", "2", "nan", "1"]]


def test_a_name_that_holds_a_bar_ends_no_cell(card):
    told = replace(
        encoder().statistics, features=("vv|mean", "vh"), units={"vv|mean": "dB", "vh": "dB"}
    )
    assert "\n| vv\\|mean | dB | -12 | 5 |\n" in card(statistics=told)


def test_all_numbers_are_counted_those_of_buffers_too(card):
    weights = {"a": np.zeros((30, 40)), "counted": np.array(3), "empty": np.zeros((0, 4))}
    assert "1,201 weights and buffers." in card(weights=weights)


def test_a_linear_last_layer_bounds_the_rank_and_others_say_nothing_of_it(card):
    own = "one linear layer on 128 numbers: its rank is at most 128, and one for the bias"
    assert own in card(weights={"embed.weight": np.zeros((1024, 128), np.float32)})
    assert "rank is at most" not in card()


def test_it_says_on_whom_health_was_measured_and_which_code_trained(card):
    held_out, training = card(), card(held_out_is_training=True, code="")
    assert "## Health, on held-out samples" in held_out
    assert "; code c\n" in held_out
    assert "## Health, on training samples (too few are held out)" in training
    assert training.endswith("; code unknown\n")


def test_the_order_in_which_settings_were_given_makes_no_other_card(card):
    one = card(settings={"dropout": 0.1, "deep": 2}, versions={"torch": "2", "numpy": "3"})
    other = card(settings={"deep": 2, "dropout": 0.1}, versions={"numpy": "3", "torch": "2"})
    assert one == other
    assert "network: deep 2, dropout 0.1;" in one
