"""Which runs stand beside each other, and which cannot."""

import numpy as np
import pytest
from tests.landcover.few_classes import CLASSES

from speckle2vec.errors import UserError
from speckle2vec.landcover.table.cells import Cell
from speckle2vec.landcover.table.compared import (
    asked,
    check_classes,
    check_pixels,
    compared_with,
)
from speckle2vec.products.confusions import Confusion

COUNTS = np.arange(1, 28).reshape(3, 3, 3)


def cell(name="fusion/vae/resnet18@3/whole-100"):
    return Cell.parse(name, 42)


def confusion(counts=COUNTS, classes=CLASSES, blocks=("a", "b", "c"), scored=("test",)):
    return Confusion({"scored": list(scored)}, tuple(classes), blocks, np.asarray(counts))


@pytest.mark.parametrize("other", [
    "fusion/simclr/resnet18@3/whole-100", "fusion/vae/resnet34-attention@3/whole-100",
    "fusion/vae/resnet18@4/whole-100", "fusion/vae/resnet18@3/frozen-100",
    "fusion/pixels/majority@3/whole-100",
])  # fmt: skip
def test_methods_encoders_seeds_and_modes_are_compared(other):
    assert compared_with(cell(other)) == compared_with(cell())


@pytest.mark.parametrize("other", [
    "optical/vae/resnet18@3/whole-100", "fusion/vae/resnet18@3/whole-5",
    "fusion/vae/resnet18@3/whole-100-random",
])  # fmt: skip
def test_features_shares_and_splits_are_not(other):
    assert compared_with(cell(other)) != compared_with(cell())


def test_blocks_that_were_not_asked_leave_with_their_names():
    counts = COUNTS.copy()
    counts[1] = 0
    found = asked(confusion(counts), "name")
    assert found.blocks == ("a", "c")
    np.testing.assert_array_equal(found.counts, COUNTS[[0, 2]])


def test_wrong_pixels_alone_are_asked_too():
    counts = np.zeros((3, 3, 3), int)
    counts[2, 0, 1] = 1
    assert asked(confusion(counts), "name").blocks == ("c",)


def test_a_run_that_was_asked_nothing_is_a_sentence():
    with pytest.raises(UserError, match=r"landcover/some/name: counts no pixel; let .* name a"):
        asked(confusion(np.zeros((3, 3, 3), int)), "some/name")


def test_the_same_classes_and_pixels_pass():
    check_classes(cell(), confusion(), cell(), CLASSES)
    check_pixels(cell(), confusion(), cell(), confusion(COUNTS[..., ::-1]))


@pytest.mark.parametrize("classes", [CLASSES[:2], CLASSES[::-1]])
def test_fewer_classes_or_another_order_are_named(classes):
    told = ", ".join(one.name for one in classes)
    with pytest.raises(UserError, match=f"asked the classes {told}, and .* town, forest, water"):
        check_classes(cell(), confusion(classes=classes), cell(), CLASSES)


@pytest.mark.parametrize("other", [
    confusion(blocks=("a", "b", "d")), confusion(scored=("validation",)),
    confusion(COUNTS.swapaxes(0, 1)), confusion(COUNTS.swapaxes(1, 2)),
])  # fmt: skip
def test_other_blocks_samples_or_truths_are_other_pixels(other):
    with pytest.raises(UserError, match="378 pixels of 3 blocks, and 378 pixels of 3 blocks"):
        check_pixels(cell(), other, cell(), confusion())
