"""What a valid submission is, and the sentences for what is none."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.cli import main
from speckle2vec.errors import UserError
from speckle2vec.evaluate.neuco import submission
from speckle2vec.evaluate.neuco.submission import (
    check_submission,
    expected_ids,
    read_submission,
)
from speckle2vec.products.catalogue import accepted

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


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (["0000042", "0000000", "1200001"], "0000000 as 0, and finds no label of such an id"),
        (["0", "7", "120"], ""),
        (["0000042", "place01", "place02"], ""),
    ],
)
def test_ids_that_the_benchmark_would_read_as_other_numbers_are_told(
    tmp_path, values, caplog, ids, told
):
    path = write_submission(tmp_path / "embeddings.csv", ids, values[:3])
    read = pd.read_csv(path, usecols=["id"])["id"].astype(str).tolist()  # as its loader does
    assert (read != ids) == bool(told)
    assert check_submission(path, output=tmp_path / "told.txt") == 3
    written = (tmp_path / "told.txt").read_text()
    assert ("NeuCo-Bench reads ids" in written) == bool(told)
    assert told in written
    assert told in caplog.text


def test_of_a_table_of_embeddings_only_the_ids_are_read(tmp_path, monkeypatch):
    table = pa.table({"id": ["b", "a"], "embedding": [[0.0], [1.0]]})
    pq.write_table(table, tmp_path / "embeddings.parquet")
    (tmp_path / "embeddings.csv").write_text("id,0\n007,1.5\n008,2.5\n")
    rows = {"sample_id": ["a", "b"], "verdict": ["refused", "accepted"], "reason": ["", ""]}
    pq.write_table(pa.table(rows), tmp_path / "catalogue.parquet")
    read = []
    monkeypatch.setattr(submission, "accepted", lambda table: read.append(table) or accepted(table))
    assert expected_ids(tmp_path / "embeddings.parquet").tolist() == ["b", "a"]
    assert expected_ids(tmp_path / "embeddings.csv").tolist() == ["007", "008"]
    assert expected_ids(tmp_path / "catalogue.parquet").tolist() == ["b"]
    assert read[0].column_names == ["sample_id", "verdict"]
    naming = submission._naming_columns  # the rest may be gigabytes
    assert naming(tmp_path / "embeddings.parquet").column_names == ["id"]
    assert naming(tmp_path / "embeddings.csv").column_names == ["id"]


def test_more_than_one_block_of_rows_is_one_submission(tmp_path, values, monkeypatch):
    monkeypatch.setattr("speckle2vec.evaluate.neuco.submission_rows.BLOCK_BYTES", 40_000)
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
