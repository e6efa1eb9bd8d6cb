"""Probes of one question are scored on the same draws."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.answers import answers_of, check_comparable
from speckle2vec.products.probes import Probe
from speckle2vec.settings.load import parse_settings

SETTINGS = parse_settings(
    {"corpora": {"c": {"source": "simulated"}}, "probes": {"draws": 100}}, "test"
)
CLASSES = ("forest", "town")


def probe_of(seed, right=0.7, samples=60, classes=CLASSES):
    truth = np.array(["forest", "town", "water"])[np.arange(samples) % 3]
    random = np.random.default_rng(seed)
    guess = random.choice(CLASSES, samples)
    predicted = np.where(random.random(samples) < right, truth, guess)
    predicted[predicted == "water"] = "town"
    ids = np.array([f"s{row}" for row in range(samples)])
    blocks = np.array([f"b{row // 6}" for row in range(samples)])
    about = {"kind": "classification", "classes": list(classes)}
    return Probe(about, ids, blocks, truth, predicted)


def test_equal_answers_do_not_differ_in_any_draw():
    one, two = answers_of({"one": probe_of(0), "two": probe_of(0)}, SETTINGS).values()
    np.testing.assert_array_equal(one.scores, two.scores)
    assert one.scores.shape == (101,)
    assert len(set(one.scores)) > 5


def test_the_score_of_a_probe_does_not_hang_on_the_others():
    several = answers_of({seed: probe_of(seed) for seed in range(3)}, SETTINGS)
    (alone,) = answers_of({2: probe_of(2)}, SETTINGS).values()
    np.testing.assert_array_equal(several[2].scores, alone.scores)


def test_samples_of_a_class_without_training_do_not_count():
    probe = probe_of(3)
    (found,) = answers_of({"one": probe}, SETTINGS).values()
    kept = probe.truth != "water"
    assert found.sums.sum() == kept.sum()
    expected = balanced_accuracy_score(probe.truth[kept], probe.predicted[kept])
    assert found.scores[0] == pytest.approx(expected)


def test_the_nearest_are_scored_beside():
    probe = probe_of(4)
    beside = replace(probe, nearest=probe_of(5).predicted)
    found = answers_of({"one": beside, "two": probe_of(5)}, SETTINGS)
    np.testing.assert_array_equal(found["one"].nearest, found["two"].scores)
    assert found["two"].nearest is None


@pytest.mark.parametrize(
    "changed",
    [
        lambda one: replace(one, ids=one.ids[::-1]),
        lambda one: replace(one, truth=one.truth[::-1]),
        lambda one: replace(one, about={**one.about, "classes": ["forest"]}),
    ],
)
def test_two_that_were_asked_differently_are_named(changed):
    probes = {"a": probe_of(0), "b": probe_of(1), "c": changed(probe_of(2))}
    sentence = r"probes of model b and model c were asked other .* older one in results/here and"
    with pytest.raises(UserError, match=sentence):
        check_comparable(probes, lambda name: f"model {name}", "results/here")
    check_comparable({name: probes[name] for name in "ab"}, str, "results/here")
