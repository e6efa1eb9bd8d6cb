"""Scores of confusion counts against figures by hand, scikit-learn and torchmetrics."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    jaccard_score,
    recall_score,
)
from torchmetrics.functional.classification import (
    multiclass_confusion_matrix,
    multiclass_f1_score,
    multiclass_jaccard_index,
)

from speckle2vec.measures.intervals import resampled, resamples
from speckle2vec.measures.iou import scores_of

MATRICES = arrays(np.int64, (4, 4), elements=st.integers(0, 6)).filter(lambda found: found.any())


def expanded(counts):
    """True and predicted labels, one entry a pixel."""
    truth, predicted = np.nonzero(counts)
    times = counts[truth, predicted]
    return np.repeat(truth, times), np.repeat(predicted, times)


def test_figures_by_hand():
    """Class a: 6 right, 2 missed, 1 wrongly given; b: 3, 1, 4; c: 0, 2, 0."""
    found = scores_of(np.array([[6, 2, 0], [1, 3, 0], [0, 2, 0]]))
    assert found.iou.tolist() == pytest.approx([6 / 9, 3 / 8, 0])
    assert found.f1.tolist() == pytest.approx([12 / 15, 6 / 11, 0])
    assert found.weighted_iou == pytest.approx((8 * 6 / 9 + 4 * 3 / 8 + 2 * 0) / 14)
    assert found.mean_iou == pytest.approx((6 / 9 + 3 / 8) / 3)
    assert found.accuracy == pytest.approx(9 / 14)
    assert found.balanced_accuracy == pytest.approx((6 / 8 + 3 / 4) / 3)


def test_a_class_that_is_not_asked_is_undefined_and_in_no_mean():
    """Two pixels are wrongly given to class b, which has no true pixel."""
    found = scores_of(np.array([[6, 2, 0], [0, 0, 0], [0, 0, 4]]))
    np.testing.assert_array_equal(np.isnan(found.iou), [False, True, False])
    np.testing.assert_array_equal(np.isnan(found.f1), [False, True, False])
    assert found.mean_iou == pytest.approx((6 / 8 + 1) / 2)
    assert found.weighted_iou == pytest.approx((8 * 6 / 8 + 4) / 12)
    assert found.balanced_accuracy == pytest.approx((6 / 8 + 1) / 2)


def test_nothing_is_undefined():
    found = scores_of(np.zeros((2, 3, 3), np.int64))
    assert all(np.isnan(one).all() for one in found)
    assert found.iou.shape == (2, 3)
    assert found.accuracy.shape == (2,)


def test_counts_beyond_what_a_float32_holds():
    most = 2**40
    found = scores_of(np.array([[most, 1], [0, most]]))
    assert found.iou.tolist() == pytest.approx([most / (most + 1)] * 2, rel=1e-15)
    assert found.iou[0] < 1


@given(counts=MATRICES)
@settings(deadline=None, max_examples=60)
def test_scores_are_those_of_sklearn(counts):
    truth, predicted = expanded(counts)
    present = np.unique(truth)
    found = scores_of(counts)
    given_labels = {"labels": present, "zero_division": 0}
    expected = {
        "weighted_iou": jaccard_score(truth, predicted, average="weighted", **given_labels),
        "mean_iou": jaccard_score(truth, predicted, average="macro", **given_labels),
        "macro_f1": f1_score(truth, predicted, average="macro", **given_labels),
        "accuracy": accuracy_score(truth, predicted),
        # balanced_accuracy_score is this, and warns where a class is predicted only
        "balanced_accuracy": recall_score(truth, predicted, average="macro", **given_labels),
    }
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value)
    iou = jaccard_score(truth, predicted, average=None, **given_labels)
    np.testing.assert_allclose(found.iou[present], iou)
    assert np.isnan(np.delete(found.iou, present)).all()


@given(counts=MATRICES, nodata=st.integers(0, 20))
@settings(deadline=None, max_examples=40)
def test_scores_are_those_of_torchmetrics_with_nodata_ignored(counts, nodata):
    truth, predicted = expanded(counts)
    target = torch.from_numpy(np.concatenate([truth + 1, np.zeros(nodata, np.int64)]))
    answers = torch.from_numpy(np.concatenate([predicted + 1, np.ones(nodata, np.int64)]))
    asked = {"preds": answers, "target": target, "num_classes": 5, "ignore_index": 0}
    confusion = multiclass_confusion_matrix(**asked)[1:, 1:]
    np.testing.assert_array_equal(confusion.numpy(), counts)
    found, present = scores_of(counts), np.unique(truth)
    iou = multiclass_jaccard_index(**asked, average="none")[1:].numpy()
    np.testing.assert_allclose(found.iou[present], iou[present], rtol=1e-5)
    f1 = multiclass_f1_score(**asked, average="none")[1:].numpy()
    np.testing.assert_allclose(found.f1[present], f1[present], rtol=1e-5)
    weighted = multiclass_jaccard_index(**asked, average="weighted")
    assert found.weighted_iou == pytest.approx(float(weighted), rel=1e-5)


def test_draws_of_blocks_are_scored_at_once_as_one_by_one():
    blocks = np.random.default_rng(3).integers(0, 50, (7, 3, 3))
    counts = resamples(7, 25, seed=4)
    at_once = resampled(lambda sums: scores_of(sums).weighted_iou, blocks, counts)
    assert at_once.shape == (26,)
    for draw, found in zip(counts, at_once[1:], strict=True):
        truth, predicted = expanded(np.tensordot(draw, blocks, axes=1))
        expected = jaccard_score(truth, predicted, average="weighted")
        assert found == pytest.approx(expected)
