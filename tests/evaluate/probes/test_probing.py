"""The stage on files: what it reads, what it gives, what it refuses."""

import logging

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from speckle2vec.errors import UserError
from speckle2vec.products.probes import read_probe

MODEL = "sar-temporal/none/pca"


def test_a_probe_is_fitted_on_training_blocks_and_asked_those_of_the_test(corpus, signal):
    corpus.embed(MODEL, signal)
    found = read_probe(corpus.probe(MODEL, corpus.write_target()))
    test, train = corpus.splits == "test", corpus.splits == "train"
    assert found.ids.tolist() == sorted(corpus.ids[test])
    where = {name: row for row, name in enumerate(corpus.ids)}
    rows = np.array([where[name] for name in found.ids])
    assert found.truth.tolist() == corpus.labels[rows].tolist()
    assert found.blocks.tolist() == corpus.blocks[rows].tolist()
    scaler = StandardScaler().fit(signal[train])
    layer = LogisticRegression(C=found.about["strength"], class_weight="balanced", max_iter=5000)
    layer.fit(scaler.transform(signal[train]), corpus.labels[train])
    expected = layer.predict(scaler.transform(signal[rows]))
    assert (found.predicted == expected).mean() > 0.98
    assert balanced_accuracy_score(found.truth, found.predicted) > 0.7
    assert found.about["training_samples"] == train.sum()
    assert found.about["classes"] == ["forest", "town", "water"]


def test_validation_is_scored_as_well_where_a_setting_says_so(corpus, signal):
    corpus.embed(MODEL, signal)
    path = corpus.probe(MODEL, corpus.write_target(), scored=["validation", "test"])
    assert len(read_probe(path).ids) == (corpus.splits != "train").sum()


def test_the_same_inputs_give_the_same_bytes(corpus, signal):
    corpus.embed(MODEL, signal)
    target = corpus.write_target()
    first = corpus.probe(MODEL, target).read_bytes()
    assert corpus.probe(MODEL, target).read_bytes() == first


def test_numbers_are_regressed(corpus, signal):
    corpus.embed(MODEL, signal)
    values = signal[:, 0] * 10 + 3
    target = corpus.write_target("regression", values, name="share")
    found = read_probe(corpus.probe(MODEL, target, strengths=[0.001, 1000]))
    np.testing.assert_allclose(found.predicted, found.truth, atol=1e-3)
    assert found.about["strength"] == 1000
    assert found.about["classes"] == []


def test_more_training_samples_than_allowed_are_drawn(corpus, signal, caplog):
    corpus.embed(MODEL, signal)
    with caplog.at_level(logging.INFO, "speckle2vec"):
        found = read_probe(corpus.probe(MODEL, corpus.write_target(), most=100))
    assert found.about["training_samples"] == 100
    assert "fitted on 100 of 288 training samples" in caplog.text


def test_refused_samples_are_not_asked(corpus, signal):
    corpus.embed(MODEL, signal)
    out = corpus.ids[corpus.splits == "test"][0]
    corpus.write_catalogue(**{out: {"verdict": "refused", "reason": "NaN"}})
    assert out not in read_probe(corpus.probe(MODEL, corpus.write_target())).ids


def test_samples_without_embedding_are_left_out_and_counted(corpus, signal, caplog):
    out = corpus.ids[corpus.splits == "test"][:3]
    corpus.embed(MODEL, signal, leave_out=out)
    found = read_probe(corpus.probe(MODEL, corpus.write_target()))
    assert found.about["not_embedded"] == 3
    assert "3 samples that should be scored have no embedding" in caplog.text


def test_a_class_without_training_samples_is_said(corpus, signal, caplog):
    corpus.embed(MODEL, signal)
    labels = corpus.labels.copy()
    labels[(corpus.splits == "train") & (labels == "water")] = "town"
    found = read_probe(corpus.probe(MODEL, corpus.write_target(values=labels)))
    assert found.about["unseen_classes"] == ["water"]
    assert "No training sample is of water" in caplog.text


def test_strange_ids_are_a_sentence(corpus, signal):
    corpus.embed(MODEL, signal)
    strange = np.char.add("other", corpus.ids)
    with pytest.raises(UserError, match="No sample of the split train has a label"):
        corpus.probe(MODEL, corpus.write_target(ids=strange))


def test_embeddings_of_other_samples_are_a_sentence(corpus, signal):
    corpus.embed(MODEL, signal, leave_out=corpus.ids[corpus.splits == "train"])
    with pytest.raises(UserError, match="holds none of the 288 labelled training samples"):
        corpus.probe(MODEL, corpus.write_target())


def test_nothing_to_score_is_a_sentence(corpus, signal):
    corpus.embed(MODEL, signal)
    only = corpus.splits == "train"
    target = corpus.write_target(ids=corpus.ids[only], values=corpus.labels[only])
    with pytest.raises(UserError, match="No sample of the split test has a label"):
        corpus.probe(MODEL, target)


def test_a_damaged_target_is_a_sentence(corpus, signal):
    corpus.embed(MODEL, signal)
    target = corpus.write_target()
    target.write_bytes(target.read_bytes()[:50])
    with pytest.raises(UserError, match=r"target.parquet: is missing or damaged"):
        corpus.probe(MODEL, target)


def test_the_nearest_training_samples_are_asked_as_well(corpus, signal):
    corpus.embed(MODEL, signal)
    found = read_probe(corpus.probe(MODEL, corpus.write_target()))
    test, train = corpus.splits == "test", corpus.splits == "train"
    order = np.argsort(corpus.ids[test])
    scaler = StandardScaler().fit(signal[train])
    layer = KNeighborsClassifier(found.about["neighbours"], metric="cosine", algorithm="brute")
    layer.fit(scaler.transform(signal[train]), corpus.labels[train])
    expected = layer.predict(scaler.transform(signal[test][order]))
    assert (found.nearest == expected).mean() > 0.98
    assert balanced_accuracy_score(found.truth, found.nearest) > 0.6
