"""What the viewer is told of each sample, line by line."""

from datetime import datetime

import pytest
from tests.report.shown_samples import cover_of, shown_of

from speckle2vec.report.explorer.table import write_rows


@pytest.fixture
def lines(tmp_path):
    """Rows as the viewer reads them: lines end with a newline only, values with a tab."""

    def lines_(shown, cover=None):
        write_rows(shown, cover, tmp_path / "metadata.tsv")
        text = (tmp_path / "metadata.tsv").read_bytes().decode()
        return [line.split("\t") for line in text.removesuffix("\n").split("\n")]

    return lines_


def test_what_is_not_known_says_so_and_is_empty_where_numbers_stand(lines):
    nothing = {"longitude": [None], "latitude": [None], "dates": [None], "split": [None]}
    names, row = lines(shown_of(["a"], **nothing), cover_of({}))
    assert dict(zip(names, row, strict=True)) == {
        "sample": "small/a", "corpus": "small", "place": "small/p0", "date": "no date",
        "split": "no split", "longitude": "", "latitude": "", "land cover": "no label",
    }  # fmt: skip


@pytest.mark.parametrize("wild", ["\t", "\n", "\r\n", "\x0b", "\x0c", "\x1e", "\x85", "\u2028"])
def test_nothing_in_a_name_ends_its_line_or_column(lines, wild):
    names, row = lines(shown_of([f"a{wild}b"], place=[f"{wild}c{wild}"]))
    assert len(row) == len(names)
    assert row[0] == "small/a b"
    assert "".join(row).isprintable()


def test_names_that_look_like_numbers_stand_behind_their_corpus(lines):
    _, *rows = lines(shown_of(["0000037", "1e5"], place=["12", "-3"]))
    assert [row[0] for row in rows] == ["small/0000037", "small/1e5"]
    assert [row[2] for row in rows] == ["small/12", "small/-3"]


def test_land_cover_is_that_of_each_sample(lines):
    _, *rows = lines(shown_of(["a", "b", "c"]), cover_of({"c": 1, "a": 2, "other": 1}))
    assert [row[-1] for row in rows] == ["Water", "no label", "Town"]


def test_places_are_told_to_a_metre_and_dates_from_first_to_last(lines):
    dates = [[datetime(2021, 5, 1), None, datetime(2020, 1, 3), datetime(2020, 9, 9)]]
    names, row = lines(shown_of(["a"], longitude=[-179.9999949], latitude=[1e-7], dates=dates))
    told = dict(zip(names, row, strict=True))
    assert (float(told["longitude"]), float(told["latitude"])) == (-179.99999, 0)
    assert told["date"] == "2020-01-03 to 2021-05-01"
