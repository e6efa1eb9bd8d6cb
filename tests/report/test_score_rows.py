"""Tables of scores: what is read, what is not defined, what is a sentence."""

import math

import pytest

from speckle2vec.errors import UserError
from speckle2vec.report.score_rows import UNDEFINED, interval, number, read_scores


@pytest.fixture
def read(tmp_path):
    def read_(text, needed):
        (tmp_path / "scores.csv").write_text(text)
        return read_scores(tmp_path / "scores.csv", needed)

    return read_


def test_a_score_of_nothing_is_a_score_and_an_empty_one_is_not():
    assert interval({"score": "0", "low": "0", "high": "0.25"}, "score") == "0.000 (0.000 to 0.250)"
    assert interval({"score": "", "low": "0", "high": "1"}, "score") == UNDEFINED
    assert interval({}, "score") == UNDEFINED


@pytest.mark.parametrize("ends", [{}, {"low": "0.1"}, {"low": "", "high": "0.9"}])
def test_half_an_interval_is_none(ends):
    assert interval({"score": "0.5", **ends}, "score") == "0.500"


def test_what_is_not_there_is_no_number(read):
    (short,) = read("model,score,low\na,0.5\n", ("model", "score"))
    assert number(short, "score") == 0.5
    for name in ("low", "other"):
        assert math.isnan(number(short, name))


def test_columns_may_stand_in_any_order_and_beside_others(read):
    rows = read("other,score,model\nx,1,a\ny,2,b\n", ("model", "score"))
    assert [(row["model"], number(row, "score")) for row in rows] == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("text", ["", "model,score\n", "model,other\na,1\n", "\n\n"])
def test_a_table_without_rows_or_without_a_column_is_a_sentence(read, text):
    with pytest.raises(UserError, match=r"is no table with the columns model, score; remove it"):
        read(text, ("model", "score"))


def test_bytes_that_are_no_text_are_a_sentence(tmp_path):
    (tmp_path / "scores.csv").write_bytes(b"model,score\n\xff\xfe,1\n")
    with pytest.raises(UserError, match=r"scores\.csv"):
        read_scores(tmp_path / "scores.csv", ("model", "score"))
