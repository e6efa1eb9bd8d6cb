"""The history of a training on disk."""

import csv
import math

import pytest

from speckle2vec.products.histories import write_history

UNTRAINED = {"epoch": 0, "std": 0.1, "kept": 0}


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_numbers_keep_all_their_digits_and_what_was_not_measured_is_empty(tmp_path):
    loss = [1 / 3, 2e-300, math.nan]
    rows = [{"epoch": at, "loss": one, "std": 0.1 + 0.2, "kept": 0} for at, one in enumerate(loss)]
    write_history([UNTRAINED, *rows], tmp_path / "history.csv")
    first, *found = read(tmp_path / "history.csv")
    assert list(first) == ["epoch", "loss", "std", "kept"]
    assert (first["loss"], float(first["std"])) == ("", 0.1)
    assert [float(row["loss"]) for row in found] == pytest.approx(loss, rel=0, abs=0, nan_ok=True)
    assert {float(row["std"]) for row in found} == {0.1 + 0.2}


def test_the_bytes_are_those_of_any_machine(tmp_path):
    path = tmp_path / "folder" / "history.csv"
    write_history([UNTRAINED, {"epoch": 1, "loss": 0.5, "std": 1.0, "kept": 1}], path)
    assert path.read_bytes() == b"epoch,loss,std,kept\n0,,0.1,0\n1,0.5,1.0,1\n"


def test_what_the_last_epoch_does_not_know_is_not_dropped_in_silence(tmp_path):
    path = tmp_path / "history.csv"
    write_history([UNTRAINED], path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="rank"):
        write_history([{**UNTRAINED, "rank": 7.0}, UNTRAINED], path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["history.csv"]
