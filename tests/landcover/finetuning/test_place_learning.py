"""What a classifier of places learns from: classes, labels and splits."""

import pyarrow as pa
import pytest

from speckle2vec.errors import UserError
from speckle2vec.landcover.finetuning.place_learning import learnt_from
from speckle2vec.products.place_labels import SCHEMA, PlaceTarget


def target(rows):
    names = ("id", "label", "block", "split", "labels")
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], SCHEMA)
    return PlaceTarget("mines", ("a", "b", "c"), "a", {}, table)


def test_classes_are_those_of_the_training_samples():
    learnt = learnt_from(target([
        ("1", "c", "0_0", "train", 1), ("2", "a", "0_0", "train", 1),
        ("3", "b", "0_0", "validation", 1), ("4", "c", "0_0", "validation", 1),
        ("5", "a", "0_0", "test", 1), ("6", None, "0_0", "train", 2), ("7", "c", "0", "train", 1),
    ]))  # fmt: skip
    assert learnt.classes == ("a", "c")
    assert learnt.labels == {"1": 1, "2": 0, "4": 1, "7": 1}
    assert learnt.splits == {"1": "train", "2": "train", "4": "validation", "7": "train"}
    assert learnt.counts.tolist() == [1, 2]


def test_one_class_alone_is_a_sentence():
    with pytest.raises(UserError, match="training samples of 'mines' are all of 'a'"):
        learnt_from(target([("1", "a", "0_0", "train", 1), ("2", "b", "0_0", "test", 1)]))
    with pytest.raises(UserError, match="training samples of 'mines' are none"):
        learnt_from(target([("2", "b", "0_0", "test", 1)]))
