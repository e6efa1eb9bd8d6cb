"""Neighbours against plain scikit-learn calls."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import StandardScaler

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.knn import fit_neighbours

COUNTS = (1, 5, 21)


@pytest.fixture(scope="module")
def data():
    """Embeddings of very different scales around three centres, 30 blocks."""
    random = np.random.default_rng(0)
    labels = random.choice(["bog", "field", "town"], 300)
    centres = {"bog": 0.0, "field": 1.5, "town": -1.5}
    inner = random.normal(size=(300, 6)) + np.array([centres[one] for one in labels])[:, None]
    numbers = inner.sum(axis=1) + random.normal(size=300)
    return (inner * np.logspace(-2, 2, 6) + 50).astype(np.float32), labels, numbers


BLOCKS = np.repeat(np.arange(30), 10).astype(str)


def plain(kind, count):
    made = KNeighborsRegressor if kind == "regression" else KNeighborsClassifier
    return made(count, metric="cosine", algorithm="brute")


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_neighbours_answer_as_plain_sklearn(data, kind):
    embeddings, names, numbers = data
    labels = numbers if kind == "regression" else names
    train = np.arange(300) < 200
    fitted = fit_neighbours(kind, embeddings[train], labels[train], BLOCKS[train], 4, COUNTS)
    scaler = StandardScaler().fit(embeddings[train].astype(float))
    scaled = scaler.transform(embeddings.astype(float))
    measure = r2_score if kind == "regression" else balanced_accuracy_score
    for count in COUNTS:
        said = np.empty_like(labels[train])
        for shown, asked in GroupKFold(4).split(scaled[train], groups=BLOCKS[train]):
            layer = plain(kind, count).fit(scaled[train][shown], labels[train][shown])
            said[asked] = layer.predict(scaled[train][asked])
        assert fitted.candidates[count] == pytest.approx(measure(labels[train], said), abs=1e-9)
    assert fitted.count == max(COUNTS, key=lambda count: fitted.candidates[count])
    best = plain(kind, fitted.count).fit(scaled[train], labels[train])
    said = fitted.predict(embeddings[~train])
    if kind == "regression":
        np.testing.assert_allclose(said, best.predict(scaled[~train]))
        return
    assert said.tolist() == best.predict(scaled[~train]).tolist()
    expected = best.predict_proba(scaled[~train])
    np.testing.assert_allclose(fitted.probabilities(embeddings[~train]), expected)
    assert fitted.classes == ("bog", "field", "town")


def test_no_more_neighbours_are_asked_than_a_fold_has(data):
    embeddings, labels, _ = data
    fitted = fit_neighbours("classification", embeddings[:24], labels[:24], BLOCKS[:24], 3)
    assert set(fitted.candidates) == {1, 3, 5, 11}


def test_of_equal_scores_the_most_neighbours_are_taken():
    labels = np.tile(["a", "b"], 60)
    embeddings = np.where(labels == "a", 50.0, -50.0)[:, None] * np.ones(3)
    blocks = np.arange(120).astype(str)
    assert fit_neighbours("classification", embeddings, labels, blocks, 5, COUNTS).count == 21


def test_too_few_blocks_are_a_sentence(data):
    embeddings, labels, _ = data
    with pytest.raises(UserError, match=r"over 5 folds .* lie in 3; lower"):
        fit_neighbours("classification", embeddings[:30], labels[:30], BLOCKS[:30], 5)
