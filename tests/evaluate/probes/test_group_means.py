"""Means over groups that were left out."""

import numpy as np
import pytest

from speckle2vec.evaluate.probes.group_means import means_of
from speckle2vec.settings.load import parse_settings

SETTINGS = parse_settings(
    {"corpora": {"test": {"source": "simulated"}}, "probes": {"draws": 500}}, "test"
)
NAN = float("nan")


def rows_of(encoder, scores, probe="linear", seen=(), features="fusion"):
    return [
        {"features": features, "method": "none", "encoder": encoder, "seed": 42, "probe": probe,
         "group": group, "seen": int(group in seen), "samples": 9, "measure": "auc",
         "score": score, "chosen": "0.1"}
        for group, score in scores.items()
    ]  # fmt: skip


def test_a_mean_is_of_the_groups_that_have_a_score():
    (row,) = means_of(rows_of("pca", {"a": 0.5, "b": 0.9, "c": NAN}, seen="b"), SETTINGS)
    assert (row["group"], row["encoder"], row["measure"]) == ("mean", "pca", "auc")
    assert (row["samples"], row["chosen"], row["seen"]) == ("", "", 1)
    assert float(row["score"]) == pytest.approx(0.7)
    assert (float(row["low"]), float(row["high"])) == (0.5, 0.9)


def test_differences_are_paired_by_group_and_not_by_place():
    pixels = rows_of("pixel-statistics", {"a": 0.2, "b": 0.5, "c": 0.8})
    model = rows_of("resnet18", {"c": 0.9, "a": 0.3, "b": 0.6})
    of_pixels, of_model = means_of([*pixels, *model], SETTINGS)
    assert "minus_pixels" not in of_pixels
    ends = [float(of_model[f"minus_pixels{end}"]) for end in ("", "_low", "_high")]
    assert ends == pytest.approx([0.1, 0.1, 0.1])
    assert of_model["better_than_pixels"] == "yes"


def test_a_group_that_one_of_both_lacks_is_in_no_difference():
    pixels = rows_of("pixel-statistics", {"a": 0.2, "b": NAN, "c": 0.8})
    model = rows_of("resnet18", {"a": 0.1, "b": 0.6, "c": 0.5, "d": 1.0})
    _, row = means_of([*pixels, *model], SETTINGS)
    assert float(row["minus_pixels"]) == pytest.approx(-0.2)
    assert row["better_than_pixels"] == "no"


def test_probes_and_features_are_compared_with_their_own_pixels():
    rows = [
        *rows_of("pixel-statistics", {"a": 0.5, "b": 0.5}),
        *rows_of("pixel-statistics", {"a": 0.7, "b": 0.7}, probe="neighbours"),
        *rows_of("pca", {"a": 0.8, "b": 0.8}, probe="neighbours"),
        *rows_of("pca", {"a": 0.8, "b": 0.8}, features="sar-temporal"),
    ]
    _, _, neighbours, other = means_of(rows, SETTINGS)
    assert float(neighbours["minus_pixels"]) == pytest.approx(0.1)
    assert "minus_pixels" not in other


def test_one_group_has_no_interval():
    (row,) = means_of(rows_of("pca", {"a": 0.5, "b": NAN}), SETTINGS)
    assert float(row["score"]) == 0.5
    assert (row["low"], row["high"]) == ("", "")
    (row,) = means_of(rows_of("pca", {"a": NAN}), SETTINGS)
    assert row["score"] == ""


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_holds_the_mean_and_lies_within_the_scores(seed):
    scores = np.random.default_rng(seed).uniform(0, 1, 7)
    (row,) = means_of(rows_of("pca", dict(zip("abcdefg", scores, strict=True))), SETTINGS)
    low, mean, high = (float(row[name]) for name in ("low", "score", "high"))
    assert scores.min() <= low < mean < high <= scores.max()
    assert mean == pytest.approx(scores.mean(), abs=1e-5)
