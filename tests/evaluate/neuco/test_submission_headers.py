"""Headers that look right to a person and are others to the benchmark."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.neuco.submission import check_submission, expected_ids

from .submissions import HEADER, write_submission

IDS = ["0000041", "0000042"]
VALUES = np.array([[0.5, -1.0], [2.0, 0.25]])


@pytest.mark.parametrize("header", [HEADER.replace(",", ", "), HEADER.replace("id,", "id ,")])
def test_a_header_with_blanks_is_refused(tmp_path, header):
    path = write_submission(tmp_path / "a.csv", IDS, VALUES, header)
    with pytest.raises(UserError, match="the header of a submission is exactly id,0,1"):
        check_submission(path)


def test_a_word_below_a_header_with_blanks_is_a_sentence(tmp_path):
    path = write_submission(tmp_path / "a.csv", IDS, VALUES, HEADER.replace(",", ", "))
    path.write_text(path.read_text().replace(",0.5,", ",half,"))
    with pytest.raises(UserError, match=r"a\.csv: "):
        check_submission(path)


def test_a_header_between_quotes_is_the_same_header(tmp_path):
    quoted = ",".join(f'"{name}"' for name in HEADER.split(","))
    path = write_submission(tmp_path / "a.csv", IDS, VALUES, quoted)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert check_submission(path) == 2


def test_a_row_without_an_id_expects_nobody(tmp_path):
    pq.write_table(pa.table({"id": ["0000041", None]}), tmp_path / "ids.parquet")
    assert expected_ids(tmp_path / "ids.parquet").tolist() == ["0000041"]
