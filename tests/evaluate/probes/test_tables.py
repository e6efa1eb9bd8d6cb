"""A user's table of labels: what is kept of it, and what is told of it."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.tables import own_target
from speckle2vec.settings.evaluate import LabelTable

NAMES = np.array(["a", "b", "c"])


@pytest.fixture
def read(tmp_path):
    """The labels of a CSV's text, or of columns that are written as Parquet."""

    def labels(held, accepted=NAMES, known=NAMES, **declared):
        path = "labels.csv" if isinstance(held, str) else "labels.parquet"
        if isinstance(held, str):
            (tmp_path / path).write_text(held, encoding="utf-8")
        else:
            pq.write_table(pa.table(held), tmp_path / path)
        table = LabelTable(path=path, **declared)
        found = own_target("mine", table, str(tmp_path), np.array(accepted, str), np.array(known))
        return dict(zip(found.ids.tolist(), found.values.tolist(), strict=True))

    return labels


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
        ([3, 1, 2**60 + 1], ["3", "1", str(2**60 + 1)]),
        ([True, False, True], ["true", "false", "true"]),
        ([2.0, 0.0, 1.5], ["2", "0", "1.5"]),
    ],
)
def test_classes_of_any_kind_are_texts_in_the_order_of_the_table(read, column, expected):
    found = read({"label": column, "id": ["c", "a", "b"]})
    assert list(found.items()) == list(zip("cab", expected, strict=True))


def test_numbers_pass_through_text_unchanged(read):
    numbers = [0.1, 2**0.5 * 1e-300, -1 / 3]
    assert list(read({"id": NAMES, "label": numbers}, kind="regression").values()) == numbers
    single = np.array([0.1, 1 / 3, 1e-30], np.float32)
    found = list(read({"id": NAMES, "label": single}, kind="regression").values())
    np.testing.assert_array_equal(np.array(found, np.float32), single)


def test_what_is_not_known_is_no_label_in_either_kind_of_file(read):
    held = {"id": NAMES, "label": [1.5, None, float("nan")]}
    assert read(held, kind="regression", unmatched="leave-out") == {"a": 1.5}
    text = "id,label\na,1.5\nb, \nc,NaN\n"
    assert read(text, kind="regression", unmatched="leave-out") == {"a": 1.5}
    with pytest.raises(UserError, match=r"gives b no label \(and 1 more\); mend the table, or set"):
        read(held)


def test_an_id_that_stands_there_twice_is_told_with_its_own_count(read):
    with pytest.raises(UserError, match="holds the id a 2 times; each id may stand there once"):
        read("id,label\na,1\nb,1\na,1\nb,1\nb,1\n")


@pytest.mark.parametrize("text", ["id,label,label\na,1,2\n", "id,id,label\na,a,2\n"])
def test_a_column_that_stands_there_twice_is_a_sentence(read, text):
    with pytest.raises(UserError, match=r"labels\.csv: "):
        read(text)


@pytest.mark.parametrize(
    "column", [[[1, 2], [3], []], [{"x": 1}] * 3, [b"\xff", b"b", b"c"]],
    ids=["lists", "structs", "bytes"],
)  # fmt: skip
def test_labels_that_are_no_texts_or_numbers_are_a_sentence(read, column):
    with pytest.raises(UserError, match=r"labels\.parquet: "):
        read({"id": NAMES, "label": column})


def test_strange_ids_are_told_before_missing_ones(read):
    text = "id,label\na,1\nx,1\ny,1\n"
    with pytest.raises(UserError, match=r"holds x, which is no sample \(and 1 more\)"):
        read(text)
    assert read(text, unmatched="leave-out") == {"a": "1"}
    with pytest.raises(UserError, match="holds no label of b; mend"):
        read("id,label\na,1\nx,1\n", accepted=["a", "b"], known=["a", "b", "x"])
