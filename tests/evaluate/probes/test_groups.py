"""Groups of places that are left out in turn, against plain loops."""

import csv

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.preprocessing import StandardScaler

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.groups import probe_groups

PIXELS, OTHER = "sar-temporal/none/pixel-statistics", "sar-temporal/simclr/cnn-transformer@7"
PCA, UNTRAINED = "sar-temporal/none/pca", "sar-temporal/none/cnn-transformer"
STRENGTHS = (0.001, 0.1)


@pytest.fixture
def countries(corpus):
    """Places of five countries."""
    names = np.array(["Ghana", "India", "Mekong", "Nigeria", "Spain"])
    found = names[np.arange(480) // 8 % 5]
    corpus.write_catalogue(**{
        name: {"place": f"{country}_{row}", "split": "test" if country == "Spain" else "train"}
        for row, (name, country) in enumerate(zip(corpus.ids.tolist(), found, strict=True))
    })  # fmt: skip
    return found


def leave_out(corpus, target, models=(PIXELS, OTHER), pretrain=None, **probes):
    output = corpus.folder / "groups.csv"
    settings = corpus.settings(
        probes={"strengths": STRENGTHS, "draws": 200, **probes}, pretrain=pretrain or {}
    )
    probe_groups(settings, corpus.keys, models, target, corpus.catalogue,
                 corpus.folder / "embeddings", output)  # fmt: skip
    with output.open(newline="") as file:
        return list(csv.DictReader(file))


def auc(truth, certain):
    """How often a positive stands above a negative, pair by pair."""
    above = certain[truth][:, None] - certain[~truth][None]
    return ((above > 0) + 0.5 * (above == 0)).mean()


def expected_auc(values, labels, countries, group):
    """Fitted on the other countries, its strength by leaving those out in turn."""
    shown, best = countries != group, {}
    scaler = StandardScaler().fit(values[shown])
    scaled = scaler.transform(values)
    for strength in STRENGTHS:
        layer = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000)
        said = cross_val_predict(layer, scaled[shown], labels[shown], groups=countries[shown],
                                 cv=LeaveOneGroupOut())  # fmt: skip
        best[strength] = balanced_accuracy_score(labels[shown], said)
    chosen = max(best, key=lambda one: best[one])
    layer = LogisticRegression(C=chosen, class_weight="balanced", max_iter=5000)
    layer.fit(scaled[shown], labels[shown])
    return auc(labels[~shown] == "water", layer.predict_proba(scaled[~shown])[:, 1])


def test_each_country_is_left_out_in_turn(corpus, countries, signal, noise):
    labels = np.where(corpus.labels == "water", "water", "dry")
    corpus.embed(PIXELS, noise)
    corpus.embed(OTHER, signal)
    rows = leave_out(corpus, corpus.write_target(values=labels, name="water-present"))
    assert len(rows) == 2 * 2 * (5 + 1)
    linear = {row["group"]: row for row in rows
              if row["method"] == "simclr" and row["probe"] == "linear"}  # fmt: skip
    scores = {
        group: expected_auc(signal, labels, countries, group) for group in np.unique(countries)
    }
    for group, score in scores.items():
        assert linear[group]["measure"] == "auc"
        assert float(linear[group]["score"]) == pytest.approx(score, abs=2e-3)
        assert linear[group]["samples"] == "96"
    assert {group: linear[group]["seen"] for group in scores} == {
        "Ghana": "1", "India": "1", "Mekong": "1", "Nigeria": "1", "Spain": "0"
    }  # fmt: skip
    mean = linear["mean"]
    assert (mean["encoder"], mean["seed"]) == ("cnn-transformer", "7")
    assert float(mean["score"]) == pytest.approx(np.mean(list(scores.values())), abs=2e-3)
    assert min(scores.values()) - 2e-3 < float(mean["low"]) < float(mean["score"])
    assert mean["better_than_pixels"] == "yes"
    pixels = next(row for row in rows if row["method"] == "none" and row["group"] == "mean")
    assert (pixels["seen"], pixels["minus_pixels"]) == ("0", "")
    difference = float(mean["score"]) - float(pixels["score"])
    assert float(mean["minus_pixels"]) == pytest.approx(difference, abs=1e-5)
    neighbours = [row for row in rows if row["method"] == "simclr" and row["probe"] != "linear"]
    assert 0.7 < float(neighbours[-1]["score"]) < 1
    assert {int(row["chosen"]) for row in neighbours[:-1]} <= {1, 3, 5, 11, 21, 51}


@pytest.fixture
def half_labelled(corpus, countries):
    """Of Ghana only what lies in test blocks has a label, what trains has none."""
    trains = (countries == "Ghana") & (np.arange(480) % 2 == 0)
    corpus.write_catalogue(**{
        name: {"place": f"{country}_{row}", "split": "train" if learnt else "test"}
        for row, (name, country, learnt) in enumerate(
            zip(corpus.ids.tolist(), countries, trains, strict=True)
        )
    })  # fmt: skip
    kept = ~trains
    return corpus.write_target(values=corpus.labels[kept], ids=corpus.ids[kept])


def seen_by(rows, model):
    _, method, encoder = model.partition("@")[0].split("/")
    return {row["group"]: row["seen"] for row in rows
            if (row["method"], row["encoder"]) == (method, encoder)}  # fmt: skip


def test_groups_are_seen_without_their_labels_and_by_what_is_fitted(corpus, half_labelled, signal):
    models = (PIXELS, UNTRAINED, PCA, OTHER)
    for model in models:
        corpus.embed(model, signal)
    rows = leave_out(corpus, half_labelled, models, strengths=[0.1])
    nothing = dict.fromkeys(("Ghana", "India", "Mekong", "Nigeria", "Spain", "mean"), "0")
    assert seen_by(rows, PIXELS) == seen_by(rows, UNTRAINED) == nothing
    assert seen_by(rows, PCA) == seen_by(rows, OTHER) == {**nothing, "Ghana": "1", "mean": "1"}


def test_what_lies_in_shards_outside_pretraining_is_not_seen(corpus, countries, signal):
    corpus.embed(OTHER, signal)
    names = [f"{country}_{row}" if row else "nowhere" for row, country in enumerate(countries)]
    learnt = (countries == "India") & (np.arange(480) < 120)
    corpus.write_catalogue(**{
        name: {"place": place, "split": "train" if train else "test"}
        for name, place, train in zip(corpus.ids.tolist(), names, learnt, strict=True)
    })  # fmt: skip
    target = corpus.write_target(values=corpus.labels[360:], ids=corpus.ids[360:])
    for shards, seen in (("*/*", "1"), ("made/train-000001", "0")):
        rows = leave_out(corpus, target, (OTHER,), {"shards": [shards]}, strengths=[0.1])
        assert seen_by(rows, OTHER) == {**dict.fromkeys(countries, "0"), "India": seen,
                                        "mean": seen}  # fmt: skip


def test_numbers_and_more_than_two_classes(corpus, countries, signal):
    corpus.embed(PIXELS, signal)
    rows = leave_out(corpus, corpus.write_target(), (PIXELS,))
    assert {row["measure"] for row in rows} == {"balanced_accuracy"}
    assert all(float(row["score"]) > 0.6 for row in rows)
    values = signal @ np.arange(12) + np.random.default_rng(2).normal(size=480)
    target = corpus.write_target("regression", values, name="share")
    rows = leave_out(corpus, target, (PIXELS,), strengths=[0.1])
    row = next(row for row in rows if (row["group"], row["probe"]) == ("Spain", "linear"))
    shown = countries != "Spain"
    columns = np.column_stack([StandardScaler().fit(signal[shown]).transform(signal), np.ones(480)])
    penalty = np.diag([10.0] * 12 + [0.0])
    weights = np.linalg.solve(columns[shown].T @ columns[shown] + penalty,
                              columns[shown].T @ values[shown])  # fmt: skip
    expected = r2_score(values[~shown], columns[~shown] @ weights)
    assert row["measure"] == "r2"
    assert float(row["score"]) == pytest.approx(expected, abs=1e-4)


def test_a_country_with_one_class_has_no_score(corpus, countries, signal):
    labels = np.where((corpus.labels == "water") & (countries != "India"), "water", "dry")
    corpus.embed(PIXELS, signal)
    rows = leave_out(corpus, corpus.write_target(values=labels), (PIXELS,))
    scores = {row["group"]: row["score"] for row in rows if row["probe"] == "linear"}
    assert scores.pop("India") == ""
    mean = float(scores.pop("mean"))
    assert mean == pytest.approx(np.mean([float(one) for one in scores.values()]), abs=1e-5)


@pytest.mark.parametrize(
    ("probes", "sentence"),
    [
        ({"groups": "^(Gh|In)"}, "which the place 'Mekong_.*' does not match"),
        ({"groups": "^(Ghana)?"}, "which the place '(India|Mekong|Nigeria|Spain)_.*' does not"),
        ({"groups": "(a|n)"}, "`probes.groups` makes 2 groups of the labelled places [(]a, n[)]"),
    ],
)
def test_wrong_groups_are_sentences(corpus, countries, signal, probes, sentence):
    corpus.embed(PIXELS, signal)
    with pytest.raises(UserError, match=sentence):
        leave_out(corpus, corpus.write_target(), (PIXELS,), **probes)


def test_places_without_a_country_are_refused(corpus, countries, signal):
    corpus.embed(PIXELS, signal)
    corpus.write_catalogue(**{
        name: {"place": f"{row:07d}"} for row, name in enumerate(corpus.ids.tolist())
    })  # fmt: skip
    with pytest.raises(UserError, match=r"which the place '0000.*' does not match"):
        leave_out(corpus, corpus.write_target(), (PIXELS,))


def test_settings_and_ids_that_do_not_fit(corpus, countries, signal):
    with pytest.raises(UserError, match="groups is no regular expression"):
        corpus.settings(probes={"groups": "("})
    corpus.embed(PIXELS, signal)
    target = corpus.write_target(ids=np.char.add("other", corpus.ids))
    with pytest.raises(UserError, match="none of its 480 samples is in the catalogue"):
        leave_out(corpus, target, (PIXELS,))
