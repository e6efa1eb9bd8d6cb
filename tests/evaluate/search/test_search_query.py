"""`speckle2vec nearest`: what one sample, or the sample at a point, is most like."""

import csv
import io

import numpy as np
import pytest

from speckle2vec.cli import main
from speckle2vec.evaluate.search.index import index_embeddings

from .searched import along_curves, cosines_of, searched, settings

CONFIG = "corpora: {c: {source: simulated}}\nsearch: {exact: 300, cells_searched: 40}\n"


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG)
    return searched(
        tmp_path, along_curves(400), ids=[f"place-{row}_20210101" for row in range(400)]
    )


def ask(made, *arguments):
    return main(["nearest", "--config", "config.yaml", "--embeddings", str(made.table), *arguments])


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def textbook(made, row, count):
    cosines = cosines_of(made.values)[row]
    order = [at for at in np.argsort(-cosines) if at != row][:count]
    return [made.ids[at] for at in order], cosines[order]


def test_the_most_similar_come_first_with_what_is_known_of_them(made, capsys):
    assert ask(made, "--id", "place-17_20210101", "--count", "7") == 0
    rows = rows_of(capsys.readouterr().out)
    names, cosines = textbook(made, 17, 7)
    assert [row["id"] for row in rows] == names
    np.testing.assert_allclose([float(row["cosine"]) for row in rows], cosines, atol=2e-6)
    other = made.ids.index(names[0])
    assert rows[0]["longitude"] == f"{10 + other / 100:.6f}"
    assert rows[0]["latitude"] == "47.000000"
    assert rows[0]["dates"] == "2021-01-01"
    arc = np.radians(abs(other - 17) / 100) * np.cos(np.radians(47)) * 6371.0088
    assert float(rows[0]["kilometres"]) == pytest.approx(arc, rel=1e-3)


def test_an_index_finds_them_too_with_exact_cosines(made, capsys, tmp_path):
    wanted = settings(exact=300, cells_searched=40)
    index_embeddings(wanted, made.rows, tmp_path / "index.faiss")
    arguments = ["--id", "place-17_20210101", "--count", "5"]
    assert ask(made, *arguments, "--index", "index.faiss", "--output", "found.csv") == 0
    rows = rows_of((tmp_path / "found.csv").read_text())
    names, cosines = textbook(made, 17, 5)
    assert [row["id"] for row in rows] == names
    np.testing.assert_allclose([float(row["cosine"]) for row in rows], cosines, atol=2e-6)
    assert capsys.readouterr().out == ""
    assert ask(made, *arguments) == 0
    told = capsys.readouterr()
    assert "Comparing all 400 samples; an --index answers sooner" in told.err
    assert rows_of(told.out) == rows


def test_an_index_of_other_embeddings_is_told(made, capsys, tmp_path):
    other = searched(tmp_path / "other", along_curves(400, seed=9))
    index_embeddings(settings(), other.rows, tmp_path / "index.faiss")
    assert ask(made, "--id", "place-17_20210101", "--index", "index.faiss") == 1
    assert "index.faiss: indexes other embeddings than these" in capsys.readouterr().err


def test_a_point_means_the_sample_there(made, capsys):
    assert ask(made, "--point", "12.003,47.001", "--count", "1") == 0
    told = capsys.readouterr()
    assert "is place-200_20210101, 0.3 km away" in told.err
    assert rows_of(told.out)[0]["id"] == textbook(made, 200, 1)[0][0]


def test_more_than_there_are_is_all(made, capsys):
    assert ask(made, "--id", "place-0_20210101", "--count", "1000") == 0
    rows = rows_of(capsys.readouterr().out)
    assert len(rows) == 399
    assert "place-0_20210101" not in {row["id"] for row in rows}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--id", "place-17_20210102"], "did you mean place-17_20210101 or"),
        (["--id", "%"], "its ids are such as place-0_20210101, place-1_20210101"),
        (["--point=-60.5,-30"], "km of -60.5,-30: the nearest, place-0_20210101 at 10.000000"),
        (["--point", "10;47"], "`10;47` is no point"),
        (["--point", "10,97"], "`10,97` is no point"),
        (["--point", "nan,0"], "`nan,0` is no point"),
        (["--id", "place-17_20210101", "--count", "0"], "ask for 1 or more"),
        ([], "Name one sample by --id, or a place by --point"),
        (["--id", "x", "--point", "10,47"], "Name one sample by --id, or a place by --point"),
        (["--id", "place-17_20210101", "--index", "no.faiss"], "no.faiss: is missing or no index"),
    ],
)
def test_what_is_wrong_is_one_sentence(made, capsys, arguments, sentence):
    assert ask(made, *arguments) == 1
    told = capsys.readouterr()
    assert sentence in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_how_far_a_point_is_from_all_samples_is_said(made, capsys):
    assert ask(made, "--point", "9,47") == 1
    arc = np.radians(1) * np.cos(np.radians(47)) * 6371.0088
    assert f"is {arc:.1f} km away" in capsys.readouterr().err


def test_without_positions_there_are_no_points(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG)
    made = searched(tmp_path, along_curves(5), places=[(None, None)] * 5)
    assert ask(made, "--point", "9,47") == 1
    assert "No sample has a position; name a sample by --id." in capsys.readouterr().err
    assert ask(made, "--id", "s00001", "--count", "1") == 0
    assert rows_of(capsys.readouterr().out)[0]["kilometres"] == ""
