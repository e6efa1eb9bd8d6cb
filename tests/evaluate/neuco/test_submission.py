"""What a valid submission is, and the sentences for what is none."""

import numpy as np
import pytest

from speckle2vec.cli import main
from speckle2vec.errors import UserError
from speckle2vec.evaluate.neuco.submission import check_submission, read_submission

from .submissions import HEADER, write_submission

IDS = [f"place{number:02d}" for number in range(20)]


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=(20, 1024))


def test_a_valid_submission_is_told_and_read(tmp_path, values):
    path = write_submission(tmp_path / "embeddings.csv", IDS, values)
    (tmp_path / "ids.csv").write_text("id\n" + "\n".join(IDS) + "\n")
    assert main(["check-submission", str(path), "--expected", str(tmp_path / "ids.csv"),
                 "--output", str(tmp_path / "told.txt")]) == 0  # fmt: skip
    assert "a valid submission of 20 embeddings of 1024" in (tmp_path / "told.txt").read_text()
    found = read_submission(path, ["place03", "place01", "unknown"])
    assert found.ids.tolist() == ["place01", "place03"]
    np.testing.assert_allclose(found.values, values[[1, 3]], rtol=1e-6)


def test_more_than_one_block_of_rows_is_one_submission(tmp_path, values, monkeypatch):
    monkeypatch.setattr("speckle2vec.evaluate.neuco.submission.BLOCK_BYTES", 40_000)
    path = write_submission(tmp_path / "embeddings.csv", IDS, values)
    assert check_submission(path) == 20
    np.testing.assert_allclose(read_submission(path, IDS).values, values, rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text.replace("id,", "ID,", 1), "column 1 of 1025 is 'ID' and should be 'id'"),
        (
            lambda text: "\n".join(line.rpartition(",")[0] for line in text.splitlines()),
            "column 1025 of 1024 is nothing and should be '1023'",
        ),
        (
            lambda text: text.replace(",1023\n", ",1023,year\n", 1),
            "column 1026 of 1026 is 'year' and should be nothing",
        ),
        (lambda text: text.replace("place07,", "place06,"), "holds place06 2 times"),
        (lambda text: text.replace("place07,", "place07.zarr.zip,"), "07.zarr.zip ends in .zarr.z"),
        (lambda text: text.replace("place07,", ","), "row 9 has no id"),
        (lambda text: text.replace("place07,", "place07,nan,", 1), "is no CSV of embeddings"),
        (lambda text: f"{HEADER}\n", "holds no embedding"),
        (lambda text: "", "column 1 of 1 is '' and should be 'id'"),
    ],
)
def test_what_is_no_submission_is_a_sentence(tmp_path, values, change, sentence):
    path = write_submission(tmp_path / "embeddings.csv", IDS, values)
    path.write_text(change(path.read_text()))
    with pytest.raises(UserError, match=sentence) as caught:
        check_submission(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["nan", "", "inf", "word"])
def test_what_is_no_number_is_a_sentence(tmp_path, values, text):
    path = write_submission(tmp_path / "embeddings.csv", IDS, values)
    lines = path.read_text().splitlines()
    fields = lines[5].split(",")
    fields[4] = text
    path.write_text("\n".join([*lines[:5], ",".join(fields), *lines[6:]]))
    told = (
        "is no CSV of embeddings .*word" if text == "word" else "number 3 of 'place04' is missing"
    )
    with pytest.raises(UserError, match=told):
        check_submission(path)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ([*IDS, "b", "a"], "lacks a [(]and 1 more[)]; .*ids.csv names 22 ids"),
        (IDS[1:], "holds, though none asks for it, place00; "),
    ],
)
def test_ids_other_than_expected_are_a_sentence(tmp_path, values, wanted, sentence):
    path = write_submission(tmp_path / "embeddings.csv", IDS, values)
    (tmp_path / "ids.csv").write_text("id\n" + "\n".join(wanted) + "\n")
    with pytest.raises(UserError, match=sentence):
        check_submission(path, tmp_path / "ids.csv")


def test_a_missing_file_and_a_table_without_ids(tmp_path, values):
    with pytest.raises(UserError, match=r"none.csv: is no CSV of embeddings .*No such file"):
        check_submission(tmp_path / "none.csv")
    path = write_submission(tmp_path / "embeddings.csv", IDS, values)
    (tmp_path / "ids.csv").write_text("name\na\n")
    with pytest.raises(UserError, match="has no column `id`"):
        check_submission(path, tmp_path / "ids.csv")
