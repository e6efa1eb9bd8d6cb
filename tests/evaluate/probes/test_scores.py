"""Scores against scikit-learn, and their bootstrap against a plain loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    r2_score,
    recall_score,
    root_mean_squared_error,
)

from speckle2vec.evaluate.probes.scores import block_sums, score_of, scores_of
from speckle2vec.measures.intervals import resampled, resamples

CLASSES = ("a", "b", "c")


def drawn(samples, blocks, seed):
    random = np.random.default_rng(seed)
    truth, predicted = (random.choice(CLASSES, samples) for _ in range(2))
    return truth, predicted, random.integers(blocks, size=samples).astype(str)


def by_sklearn(truth, predicted):
    present = np.unique(truth)
    return {
        "balanced_accuracy": recall_score(truth, predicted, labels=present, average="macro"),
        "macro_f1": f1_score(truth, predicted, average="macro"),
        "accuracy": accuracy_score(truth, predicted),
    }


@given(samples=st.integers(1, 60), seed=st.integers(0, 1000))
def test_scores_of_classes_are_those_of_sklearn(samples, seed):
    truth, predicted, blocks = drawn(samples, 7, seed)
    sums = block_sums("classification", truth, predicted, blocks, CLASSES)
    assert sums.shape == (len(np.unique(blocks)), 3, 3)
    scores = scores_of("classification", sums.sum(axis=0))
    for name, value in by_sklearn(truth, predicted).items():
        assert scores[name] == pytest.approx(value)


@given(samples=st.integers(3, 60), seed=st.integers(0, 1000), level=st.floats(-1e3, 1e3))
def test_scores_of_numbers_are_those_of_sklearn(samples, seed, level):
    random = np.random.default_rng(seed)
    truth = random.normal(level, 2, samples)
    predicted = truth + random.normal(0, 1, samples)
    blocks = random.integers(5, size=samples).astype(str)
    scores = scores_of("regression", block_sums("regression", truth, predicted, blocks).sum(axis=0))
    assert scores["r2"] == pytest.approx(r2_score(truth, predicted), rel=1e-6)
    assert scores["rmse"] == pytest.approx(root_mean_squared_error(truth, predicted))


def test_a_label_that_does_not_vary_has_no_r2():
    sums = block_sums("regression", np.full(4, 0.1), np.zeros(4), np.array(list("abcd")))
    assert np.isnan(scores_of("regression", sums.sum(axis=0))["r2"])


@pytest.mark.parametrize("measure", ["balanced_accuracy", "macro_f1", "accuracy"])
def test_the_bootstrap_is_a_plain_loop_over_drawn_blocks(measure):
    truth, predicted, blocks = drawn(80, 12, 3)
    names = np.unique(blocks)
    counts = resamples(len(names), 50, seed=1)
    sums = block_sums("classification", truth, predicted, blocks, CLASSES)
    scores = resampled(lambda sums: scores_of("classification", sums)[measure], sums, counts)
    assert scores[0] == pytest.approx(by_sklearn(truth, predicted)[measure])
    for draw, found in zip(counts, scores[1:], strict=True):
        rows = np.concatenate(
            [np.flatnonzero(blocks == name) for name, times in zip(names, draw, strict=True)
             for _ in range(times)]
        )  # fmt: skip
        assert found == pytest.approx(by_sklearn(truth[rows], predicted[rows])[measure])


def test_the_bootstrap_of_numbers_is_a_plain_loop_too():
    random = np.random.default_rng(0)
    truth = random.normal(5, 2, 40)
    predicted, blocks = truth + random.normal(0, 1, 40), np.repeat(np.arange(8), 5).astype(str)
    counts = resamples(8, 30, seed=2)
    sums = block_sums("regression", truth, predicted, blocks)
    scores = resampled(score_of("regression"), sums, counts)
    for draw, found in zip(counts, scores[1:], strict=True):
        rows = np.concatenate([np.arange(5) + 5 * block for block in np.repeat(np.arange(8), draw)])
        assert found == pytest.approx(r2_score(truth[rows], predicted[rows]))
