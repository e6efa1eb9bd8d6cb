"""Confusion matrices come back as they were written."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.confusions import Confusion, read_confusion, write_confusion
from speckle2vec.products.labels import LabelClass

CLASSES = (LabelClass(1, 1, "artificial", "#e6004d"), LabelClass(2, 5, "water", "#00ccf2"))
COUNTS = np.array([[[4, 1], [0, 2**40]], [[0, 0], [0, 0]], [[1, 0], [3, 0]]])


def confusion():
    return Confusion({"run": "whole-100", "seed": 7}, CLASSES, ("a", "b", "c"), COUNTS)


def test_matrices_come_back_with_classes_blocks_and_what_was_run(tmp_path):
    write_confusion(confusion(), tmp_path / "one.parquet")
    found = read_confusion(tmp_path / "one.parquet")
    np.testing.assert_array_equal(found.counts, COUNTS)
    assert (found.classes, found.blocks) == (CLASSES, ("a", "b", "c"))
    assert found.about == {"run": "whole-100", "seed": 7}
    assert pq.read_table(tmp_path / "one.parquet").num_rows == 5


def test_equal_counts_are_equal_bytes(tmp_path):
    for name in ("one", "two"):
        write_confusion(confusion(), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_what_is_no_confusion_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match=r"none.parquet: is missing or damaged"):
        read_confusion(tmp_path / "none.parquet")
    (tmp_path / "text.parquet").write_text("text")
    with pytest.raises(UserError, match="remove it and run the same command again"):
        read_confusion(tmp_path / "text.parquet")
