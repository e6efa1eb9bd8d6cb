"""Classifiers of pixels against scikit-learn on all pixels, put together by other means."""

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, jaccard_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.nn import functional

from speckle2vec.errors import UserError
from speckle2vec.landcover.pixels.classifiers import LEAST_IN_LEAF, STRENGTHS
from speckle2vec.provenance import stream_seed


def all_pixels(corpus, split):
    """Features and classes of every labelled pixel of a split, sample by sample."""
    mean, factor = corpus.statistics.scale()
    values, classes = [], []
    for name, cube in corpus.cubes.items():
        labels = corpus.labels[name]
        if corpus.splits[name] != split:
            continue
        scaled = (cube - mean[:, None, None].astype(np.float32)) * factor[:, None, None]
        large = functional.interpolate(
            torch.from_numpy(scaled.astype(np.float32))[None], labels.shape, mode="bilinear"
        )[0]
        values.append(large.numpy()[:, labels > 0].T)
        classes.append(labels[labels > 0])
    return np.concatenate(values), np.concatenate(classes)


def in_all(confusion):
    return confusion.counts.sum(axis=0)


def nearly(found, expected):
    """Equal but for pixels between two classes, which rounding may turn."""
    assert found.sum() == expected.sum()
    assert np.abs(found - expected).sum() <= 0.002 * expected.sum()


def test_the_logistic_regression_is_that_of_sklearn_on_all_pixels(pixel_corpus):
    found = pixel_corpus.fit("logistic-regression")
    values, classes = all_pixels(pixel_corpus, "train")
    asked, truth = all_pixels(pixel_corpus, "validation")
    fitted, scores = {}, {}
    for strength in STRENGTHS:
        one = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000))
        fitted[strength] = one.fit(values.astype(np.float64), classes)
        scores[strength] = jaccard_score(truth, one.predict(asked), average="weighted")
    best = found.about["strength"]
    assert scores[best] == pytest.approx(max(scores.values()), abs=1e-3)
    asked, truth = all_pixels(pixel_corpus, "test")
    nearly(in_all(found), confusion_matrix(truth, fitted[best].predict(asked)))
    assert found.about["drawn_pixels"]["train"] == len(classes)


def test_the_forest_is_that_of_sklearn_on_all_pixels(pixel_corpus):
    found = pixel_corpus.fit("random-forest@7")
    values, classes = all_pixels(pixel_corpus, "train")
    forest = RandomForestClassifier(
        5, min_samples_leaf=LEAST_IN_LEAF, random_state=stream_seed(7, "forest") % 2**32
    ).fit(values, classes)
    asked, truth = all_pixels(pixel_corpus, "test")
    nearly(in_all(found), confusion_matrix(truth, forest.predict(asked)))


def test_the_majority_tells_every_pixel_the_commonest_class(pixel_corpus):
    found = in_all(pixel_corpus.fit("majority"))
    _, classes = all_pixels(pixel_corpus, "train")
    _, truth = all_pixels(pixel_corpus, "test")
    commonest = np.bincount(classes).argmax()
    np.testing.assert_array_equal(found[:, commonest - 1], np.bincount(truth)[1:])
    assert found.sum() == len(truth)


def test_blocks_hold_their_own_samples(pixel_corpus):
    found = pixel_corpus.fit("majority")
    asked = {name for name, split in pixel_corpus.splits.items() if split == "test"}
    assert found.about["samples"] == {"scored": 12, "without_cube": 0}
    assert len(found.blocks) == 12  # every fifth sample, one in each block of five
    for block, counts in zip(found.blocks, found.counts, strict=True):
        place, shard = block.split("_")
        name = f"{int(shard)}_{int(place) * 5 + 4}"
        assert name in asked
        assert counts.sum() == (pixel_corpus.labels[name] > 0).sum()


def test_validation_is_scored_as_well_where_settings_say_so(pixel_corpus):
    found = pixel_corpus.fit("majority", scored=["validation", "test"])
    assert found.about["samples"]["scored"] == 24
    assert found.about["scored"] == ["validation", "test"]


def test_about_says_what_was_run(pixel_corpus):
    about = pixel_corpus.fit("random-forest@7", "fit-50-random").about
    assert (about["features"], about["method"], about["encoder"]) == (
        "sar-temporal", "pixels", "random-forest@7",
    )  # fmt: skip
    assert about["run"] == {"mode": "fit", "share": 50, "split": "random"}
    assert about["seed"] == 7
    assert about["settings"] == {"pixels": 100_000, "trees": 5}
    assert set(about["splits"]) == set(about["pixels"]) == {"train", "validation", "test"}
    assert set(about["pixels"]["train"]) == {"town", "forest", "water"}


def test_the_same_run_is_the_same_bytes_and_another_seed_draws_others(pixel_corpus):
    paths = [pixel_corpus.folder / name for name in ("one", "two", "other")]
    for path, name in zip(paths, ("", "", "@7"), strict=True):
        pixel_corpus.fit(f"random-forest{name}", output=path.name, pixels=1000)
    one, two, other = (path.read_bytes() for path in paths)
    assert one == two
    assert one != other


def test_no_more_pixels_are_drawn_than_settings_say(pixel_corpus):
    about = pixel_corpus.fit("logistic-regression", pixels=1000).about
    assert about["drawn_pixels"] == {"train": 1000, "validation": 1000}


def test_one_class_alone_is_told_everywhere(empty_corpus, caplog):
    corpus = empty_corpus()
    corpus._draw = lambda _, side: np.full((side, side), 2, np.uint8)
    for number in (1, 2, 3):
        corpus.write_shard(number)
    with caplog.at_level("WARNING"):
        found = in_all(corpus.fit("random-forest"))
    assert found[1, 1] == found.sum() > 0
    assert "are all of one class" in caplog.text


def test_cubes_of_other_units_are_refused(empty_corpus):
    corpus = empty_corpus(
        units={**dict.fromkeys(("vv_mean", "vh_mean"), "linear"), "sobel_std": "dB"}
    )
    for number in (1, 2, 3):
        corpus.write_shard(number)
    with pytest.raises(UserError, match=r"000001.zarr.zip: does not fit the statistics: units"):
        corpus.fit("logistic-regression")


def test_samples_without_a_cube_are_counted_and_none_at_all_is_a_sentence(empty_corpus):
    corpus = empty_corpus()
    for number in (1, 2, 3):
        corpus.write_shard(number, keep=slice(0, 15))
    assert corpus.fit("majority").about["samples"] == {"scored": 9, "without_cube": 3}
    bare = empty_corpus()
    for number in (1, 2, 3):
        bare.write_shard(number, keep=slice(0, 4))
    with pytest.raises(UserError, match="no labelled sample of the split test has a cube"):
        bare.fit("majority")
