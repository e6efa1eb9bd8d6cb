"""What files of tasks say, and what is wrong with them."""

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.neuco.tasks import read_tasks


@pytest.fixture
def read(tmp_path):
    """The tasks of files that are given as name -> text."""

    def tasks(folder=".", **files):
        where = tmp_path / folder
        where.mkdir(exist_ok=True)
        for name, text in files.items():
            (where / f"{name}.csv").write_text(text, encoding="utf-8")
        return read_tasks(tmp_path)

    return tasks


def test_labels_keep_the_order_of_the_file_which_the_splits_depend_on(read):
    (task,) = read(heat__regr="note,label,id\nx,2.5,z\ny,-1e3,a\n,0,007\n")
    assert (task.name, task.kind) == ("heat", "regression")
    assert task.ids.tolist() == ["z", "a", "007"]
    assert (task.labels.dtype, task.labels.tolist()) == (np.float64, [2.5, -1000, 0])


def test_tasks_come_by_name_and_under_either_word_for_their_kind(read):
    text = "id,label\na,0\nb,1\n"
    tasks = read(b__classification=text, a__regression=text, c__cls=text, B__regr=text)
    assert [(task.name, task.kind) for task in tasks] == [
        ("B", "regression"), ("a", "regression"), ("b", "classification"), ("c", "classification"),
    ]  # fmt: skip


def test_a_copy_of_the_downstream_data_has_its_tasks_in_labels(read, tmp_path):
    text = "id,label\na,0\nb,1\n"
    assert [task.name for task in read("labels", inside__cls=text)] == ["inside"]
    (tmp_path / "outside__cls.csv").write_text(text)
    assert [task.name for task in read_tasks(tmp_path)] == ["outside"]


def test_rows_without_label_and_empty_lines_are_left_out(read, caplog):
    (task,) = read(heat__regr="\ufeffid,label\na,1\n\nb,\nc,3\nd\n")
    assert task.ids.tolist() == ["a", "c"]
    assert "heat__regr.csv: 2 of 4 rows have no label and are left out." in caplog.text


def test_of_several_ids_that_stand_twice_one_is_told_with_its_own_count(read):
    with pytest.raises(UserError, match="holds a 2 times, so that it would stand on both sides"):
        read(heat__regr="id,label\na,1\nb,1\na,1\nb,1\nb,1\n")


def test_an_id_counts_once_where_its_other_rows_have_no_label(read):
    (task,) = read(heat__regr="id,label\na,1\na,\nb,2\n")
    assert task.ids.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, r"holds no task; tasks are files called <task>__<regr\|cls>\.csv"),
        ({"heat": "id,label\na,1\n"}, "says by its name neither __regr nor __cls"),
        ({"a__b__cls": "id,label\na,1\n"}, "says by its name neither __regr nor __cls"),
        ({"heat__regr": "id,label\n"}, "holds no row with the columns id and label"),
        ({"heat__regr": "id;label\na;1\n"}, "holds no row with the columns id and label"),
        ({"heat__regr": "id,label\na,nan\n"}, "the label of a is 'nan' and should be a number"),
        ({"heat__regr": "id,label\na,1\nb,-inf\n"}, "the label of b is '-inf' and should be a"),
        ({"heat__cls": "id,label\na,0\nb,1\nc,2\n"}, "has 3 classes; the protocol knows tasks of"),
        ({"heat__cls": "id,label\na,0\n", "heat__regr": "id,label\na,0\n"},
         "holds two tasks called 'heat'; rename one of the files"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_a_sentence(read, files, sentence):
    with pytest.raises(UserError, match=sentence):
        read(**files)


def test_a_file_in_another_encoding_is_a_sentence(tmp_path):
    (tmp_path / "heat__regr.csv").write_bytes("id,label\nK\u00f6ln,1\n".encode("latin-1"))
    with pytest.raises(UserError, match="is no CSV with the columns id and label"):
        read_tasks(tmp_path)
