"""Which samples have labels, by catalogue and labels of every shard."""

import numpy as np
import pytest
from tests.landcover.choosing.conftest import SPLITS
from tests.landcover.finetuning.learnable import CLASSES, halves

from speckle2vec.errors import UserError
from speckle2vec.landcover.choosing.labelled import read_labelled
from speckle2vec.products.labels import LabelClass


def found_in(corpus):
    return read_labelled(corpus.keys, corpus.folder / "catalogue", corpus.folder / "labels", None)


def test_every_sample_says_its_split_block_and_pixels(several):
    found = found_in(several)
    assert found.samples == len(found.labelled) == 4 * len(SPLITS)
    assert found.classes == CLASSES
    one = found.labelled["2_6"]
    assert (one.split, one.block) == (SPLITS[6], "3_0")
    labels = halves(6, 8, 8)
    assert one.pixels.tolist() == [int((labels == index).sum()) for index in (1, 2)]


def test_a_sample_without_a_labelled_pixel_is_counted_and_not_labelled(corpus):
    corpus.write_shard(
        "1", ["train"] * 4, labelled=lambda number: halves(number, 8, 8) * np.uint8(number != 3)
    )
    found = found_in(corpus)
    assert found.samples == 4
    assert sorted(found.labelled) == ["1_0", "1_1", "1_2"]


def test_shards_of_other_classes_are_refused(several):
    several.write_shard(
        "9", SPLITS, native=(8, 8), classes=(LabelClass(1, 1, "x", "#000000"), CLASSES[1])
    )
    with pytest.raises(UserError, match="test/9: its labels have other classes than those of"):
        found_in(several)


def test_labels_of_other_samples_than_the_catalogues_are_refused(several):
    parts = [key.part(several.folder / "catalogue", ".parquet") for key in several.keys]
    parts[0].write_bytes(parts[1].read_bytes())
    with pytest.raises(UserError, match="holds other samples than the labels of test/1"):
        found_in(several)
