"""The probe against plain scikit-learn calls, and what it refuses."""

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.folds import block_folds
from speckle2vec.evaluate.probes.probe import fit_probe

STRENGTHS = (0.001, 0.1, 10.0)


@pytest.fixture(scope="module")
def data():
    """Embeddings of rank 6 in 40 dimensions, three classes, 30 blocks; and others to ask."""
    random = np.random.default_rng(0)
    turn = random.normal(size=(6, 40)) * random.uniform(0.1, 30, 40)
    inner = random.normal(size=(360, 6))
    embeddings = (inner @ turn + random.normal(size=40) * 5).astype(np.float32)
    noisy = inner[:, :3] + random.normal(0, 0.7, (360, 3))
    labels = np.array(["bog", "field", "town"])[noisy.argmax(axis=1)]
    blocks = np.repeat(np.arange(36), 10).astype(str)
    numbers = inner[:, 0] * 3 + random.normal(0, 0.5, 360)
    return embeddings, labels, numbers, blocks


def test_classes_are_told_as_by_plain_sklearn(data):
    embeddings, labels, _, blocks = data
    fitted = fit_probe("classification", embeddings[:300], labels[:300], blocks[:300], STRENGTHS, 5)
    scaler = StandardScaler().fit(embeddings[:300].astype(float))
    scaled = scaler.transform(embeddings[:300].astype(float))
    expected = {}
    for strength in STRENGTHS:
        layer = LogisticRegression(
            C=strength, class_weight="balanced", max_iter=20000, solver="newton-cg", tol=1e-8
        )
        folds = GroupKFold(5)
        said = cross_val_predict(layer, scaled, labels[:300], groups=blocks[:300], cv=folds)
        expected[strength] = balanced_accuracy_score(labels[:300], said)
    assert fitted.candidates == pytest.approx(expected, abs=0.005)
    best = LogisticRegression(C=fitted.strength, class_weight="balanced", max_iter=20000, tol=1e-8)
    said = best.fit(scaled, labels[:300]).predict(scaler.transform(embeddings[300:].astype(float)))
    assert (fitted.predict(embeddings[300:]) == said).mean() > 0.98
    assert balanced_accuracy_score(labels[300:], fitted.predict(embeddings[300:])) > 0.6


def test_numbers_are_told_as_by_plain_sklearn(data):
    embeddings, _, numbers, blocks = data
    fitted = fit_probe("regression", embeddings[:300], numbers[:300], blocks[:300], STRENGTHS, 5)
    scaler = StandardScaler().fit(embeddings[:300].astype(float))
    scaled = scaler.transform(embeddings[:300].astype(float))
    expected = {
        strength: r2_score(
            numbers[:300],
            cross_val_predict(
                Ridge(alpha=1 / strength), scaled, numbers[:300], groups=blocks[:300],
                cv=GroupKFold(5),
            ),
        )
        for strength in STRENGTHS
    }  # fmt: skip
    assert fitted.candidates == pytest.approx(expected, abs=1e-4)
    best = Ridge(alpha=1 / fitted.strength).fit(scaled, numbers[:300])
    said = best.predict(scaler.transform(embeddings[300:].astype(float)))
    np.testing.assert_allclose(fitted.predict(embeddings[300:]), said, atol=1e-3)
    assert r2_score(numbers[300:], said) > 0.9


def test_constant_dimensions_change_nothing(data):
    """Embeddings that learn nothing are padded with zeros to 1024."""
    embeddings, labels, _, blocks = data
    padded = np.concatenate([embeddings, np.zeros((360, 100), np.float32)], axis=1)
    first, second = (
        fit_probe("classification", values, labels, blocks, STRENGTHS, 4)
        for values in (embeddings, padded)
    )
    np.testing.assert_array_equal(first.predict(embeddings), second.predict(padded))


def test_of_equal_scores_the_most_regularised_is_taken():
    random = np.random.default_rng(0)
    labels = np.tile(["a", "b"], 40)
    embeddings = np.where(labels == "a", 50.0, -50.0)[:, None] + random.normal(size=(80, 5))
    fitted = fit_probe(
        "classification", embeddings, labels, np.arange(80).astype(str), (10.0, 0.1, 1.0), 5
    )
    assert fitted.candidates == {0.1: 1.0, 1.0: 1.0, 10.0: 1.0}
    assert fitted.strength == 0.1


def test_folds_keep_blocks_whole():
    blocks = np.random.default_rng(0).integers(12, size=100).astype(str)
    split = block_folds(blocks, np.arange(100.0), 5)
    assert sorted(np.concatenate([asked for _, asked in split])) == list(range(100))
    for fitted, asked in split:
        assert not set(blocks[fitted]) & set(blocks[asked])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"labels": np.full(20, "town")},
            "20 labelled training samples have the same class, 'town'",
        ),
        ({"blocks": np.repeat(["a", "b", "c"], [10, 5, 5])}, "over 5 folds .* lie in 3; lower"),
        ({"labels": np.repeat(["town", "bog"], [16, 4])}, "all of the class 'town'"),
        ({"embeddings": np.full((20, 3), np.nan)}, "not finite"),
        ({"embeddings": np.ones((20, 3))}, "embeddings of all 20 training samples are alike"),
    ],
)
def test_what_cannot_be_probed_is_a_sentence(change, sentence):
    given = {
        "embeddings": np.random.default_rng(0).normal(size=(20, 3)),
        "labels": np.tile(["town", "bog"], 10),
        "blocks": np.repeat(list("abcde"), 4),
    }
    values = {**given, **change}
    with pytest.raises(UserError, match=sentence), warnings.catch_warnings():
        warnings.simplefilter("error")
        fit_probe(
            "classification", values["embeddings"], values["labels"], values["blocks"], STRENGTHS, 5
        )


def test_labels_that_do_not_vary_cannot_be_regressed():
    with pytest.raises(UserError, match=r"have the same number, '1\.0'"):
        fit_probe("regression", np.eye(20), np.ones(20), np.arange(20).astype(str), STRENGTHS, 5)
