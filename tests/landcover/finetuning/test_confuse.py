"""The counts of a segmenter against plain loops, and what is said about them."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix
from tests.landcover.finetuning.learnable import CLASSES, halves, rename_cubes, settings_with

from speckle2vec.errors import UserError
from speckle2vec.landcover.finetuning.confuse import confuse, confusion_of
from speckle2vec.landcover.finetuning.segment import load_segmenter, told_classes
from speckle2vec.products.confusions import read_confusion
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.labels import LabelClass
from speckle2vec.settings.landcover import Run

MODEL = "sar-temporal/none/small@7"


def scored(corpus, folder, run="whole-100", settings=None, segmenter=None):
    confuse(
        settings or settings_with(), MODEL, Run.parse(run), segmenter or folder / "segmenter",
        corpus.sources, folder / "confusion.parquet",
    )  # fmt: skip
    return read_confusion(folder / "confusion.parquet")


def test_pairs_are_counted_as_scikit_learn_does():
    rng = np.random.default_rng(0)
    truth, told = (rng.integers(0, 4, (50, 60)).astype(np.uint8) for _ in range(2))
    known = (truth > 0) & (told > 0)
    expected = confusion_matrix(truth[known], told[known], labels=[1, 2, 3])
    np.testing.assert_array_equal(confusion_of(truth, told, 3), expected)
    assert not confusion_of(truth * 0, told, 3).any()


@pytest.mark.parametrize("run", ["whole-100", "frozen-50-random"])
def test_every_scored_pixel_counts_in_its_block(ready, tmp_path, run):
    path = ready.finetune(tmp_path, run)
    found = scored(ready, tmp_path, run)
    segmenter = load_segmenter(path)
    splits = "test" if run == "whole-100" else "random"
    expected = {}
    for key, count in zip(ready.keys, (23, 8), strict=True):
        with open_cubes(key.part(ready.folder / "cubes", ".zarr.zip")) as shard:
            for number in range(count):
                if splits == "test" and number < (20 if key.shard == "1" else 6):
                    continue
                told = told_classes(segmenter.probabilities(shard, number, (66, 66)))
                pairs = confusion_of(halves(number, 66, 66), told, 2)
                expected.setdefault(f"{number // 2}_0", []).append(pairs)
    assert found.classes == CLASSES
    if splits == "test":
        assert found.blocks == tuple(sorted(expected))
        for block, counts in zip(found.blocks, found.counts, strict=True):
            np.testing.assert_array_equal(counts, sum(expected[block]))
    else:
        assert found.about["splits"]["test"]["samples"] * 65 * 66 == found.counts.sum()


def test_about_says_what_was_run(ready, tmp_path):
    settings = settings_with(seed=5, scored=("validation", "test"))
    ready.finetune(tmp_path, "whole-50", seed=7, settings=settings)
    about = scored(ready, tmp_path, "whole-50", settings).about
    assert (about["features"], about["method"], about["encoder"]) == tuple(MODEL.split("/"))
    assert about["seed"] == 7
    assert about["run"] == {"mode": "whole", "share": 50, "split": "blocks"}
    assert about["scored"] == ["validation", "test"]
    assert {name: one["samples"] for name, one in about["splits"].items()} == {
        "train": 8, "validation": 8, "test": 5,
    }  # fmt: skip
    assert about["samples"] == {
        "scored": 13, "without_cube": 0, "learned": {"train": 8, "validation": 8},
    }  # fmt: skip
    assert set(about["pixels"]) == {"train", "validation", "test"}
    assert sum(about["pixels"]["test"].values()) == 5 * 65 * 66
    assert about["epochs"]["trained"] == 2
    assert about["settings"]["learning_rate"] == 5e-4
    assert {"speckle2vec", "torch"} <= set(about["versions"])


def test_equal_inputs_give_equal_bytes(ready, tmp_path):
    path = ready.finetune(tmp_path / "a")
    for name in ("b", "c"):
        scored(ready, tmp_path / name, segmenter=path)
    first, again = (tmp_path / name / "confusion.parquet" for name in ("b", "c"))
    assert first.read_bytes() == again.read_bytes()


def test_a_scored_sample_without_a_cube_is_counted_and_told(ready, tmp_path, caplog):
    ready.finetune(tmp_path)
    first, second = (key.part(ready.folder / "cubes", ".zarr.zip") for key in ready.keys)
    second.write_bytes(first.read_bytes())
    rename_cubes(second, ready.keys[1])
    caplog.set_level("INFO")
    about = scored(ready, tmp_path).about
    assert about["samples"]["without_cube"] == 2
    assert "2 of 5 scored samples have labels and no cube." in caplog.text


def test_labels_of_other_classes_are_refused(ready, tmp_path):
    ready.finetune(tmp_path)
    other = (LabelClass(1, 1, "city", "#000000"), LabelClass(2, 2, "field", "#ffffff"))
    ready.keys.clear()
    ready.write_shard("1", ["train"] * 9 + ["validation", "test"], classes=other)
    with pytest.raises(UserError, match="trained on the classes land, water, and the labels have"):
        scored(ready, tmp_path)
