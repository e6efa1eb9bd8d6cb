"""How cubes and labels lie on each other, and labels that are read when they are needed."""

import numpy as np
import pytest
from tests.landcover.finetuning.learnable import halves

from speckle2vec.errors import UserError
from speckle2vec.landcover.finetuning.fits import Fit, as_cube, as_labels, check_native, fit_of
from speckle2vec.landcover.finetuning.label_shelf import CubeGrid, LabelShelf, places_of
from speckle2vec.products.patches import reflect


def numbered(height, width):
    return (1 + np.arange(height * width).reshape(height, width) % 200).astype(np.uint8)


def test_the_recipe_says_how_cubes_lie(tmp_path):
    assert fit_of({"recipe": {"feature_set": "sar-temporal", "size": 64}}, tmp_path) is Fit.WHOLE
    assert fit_of({"recipe": {"feature_set": "fusion"}}, tmp_path) is Fit.NATIVE
    for attributes in ({}, {"recipe": {"feature_set": "other"}}):
        with pytest.raises(UserError, match="cubes and labels cannot be laid on each other"):
            fit_of(attributes, tmp_path)


@pytest.mark.parametrize("native", [(8, 8), (5, 12), (12, 5), (6, 7)])
def test_labels_lie_as_the_patch_does_and_reflections_are_nodata(native):
    labels = numbered(*native)
    shown = as_cube(labels, (8, 8))
    smaller = tuple(min(side, 8) for side in native)
    top, left = ((side - 8) // 2 if side > 8 else 0 for side in native)
    centre = labels[top : top + smaller[0], left : left + smaller[1]]
    reflected = reflect(centre, 8, 8)
    assert np.array_equal(shown[shown > 0], reflected[shown > 0])
    assert (shown > 0).sum() == centre.size
    back = as_labels(shown[None].astype(np.float32), native)[0]
    assert np.array_equal(back[back > 0], labels[back > 0])
    assert (back > 0).sum() == centre.size


def test_patches_of_another_grid_than_the_labels_are_refused(corpus):
    cubes = np.zeros((2, 2, 32, 32), np.float16)
    key = corpus.write_shard("1", ["train", "train"], native=(40, 30), cubes=cubes, kind="fusion")
    path = key.part(corpus.folder / "cubes", ".zarr.zip")
    names = ["1_0", "1_1"]
    check_native(path, names, {"1_0": (40, 30), "elsewhere": (1, 1)})
    with pytest.raises(UserError, match="sample 1_1 is 40 x 30 pixels here and 30 x 40 in the"):
        check_native(path, names, {"1_1": (30, 40)})


@pytest.fixture
def labelled(corpus):
    for shard in ("1", "2"):
        corpus.write_shard(shard, ["train"] * 5, native=(12, 10))
    return corpus


def places(corpus, names):
    return places_of(corpus.keys, corpus.folder / "labels", names)


def test_labels_are_found_by_id_and_a_bounded_number_is_kept(labelled):
    found = places(labelled, {"1_3", "2_0", "2_4"})
    assert set(found) == {"1_3", "2_0", "2_4"}
    shelf = LabelShelf(found, room=2 * 120, grids={})
    for _ in range(2):
        taken = shelf.take(["2_4", "1_3", "2_0", "2_4"])
        for number, labels in zip((4, 3, 0, 4), taken, strict=True):
            np.testing.assert_array_equal(labels, halves(number, 12, 10))
        assert len(shelf._kept) == 2


def test_they_are_cut_like_the_patches_a_training_holds(labelled):
    found = places(labelled, {"1_1"})
    grids = {found["1_1"].path: CubeGrid(cube=(16, 8), patch=(12, 6))}
    (labels,) = LabelShelf(found, 1000, grids).take(["1_1"])
    whole = np.zeros((16, 8), np.uint8)
    whole[2:14] = halves(1, 12, 10)[:, 1:9]
    np.testing.assert_array_equal(labels, whole[2:14, 1:7])
