"""Intervals over blocks: what is drawn, what lies inside, and how often they hold the truth."""

import numpy as np
import pytest

from speckle2vec.measures.intervals import (
    Interval,
    better,
    compared,
    drawn_sums,
    interval,
    mean_interval,
    resampled,
    resamples,
    seed_spread,
    seeds_above,
    told,
)


def share(sums):
    """Right among all, of sums (..., 2)."""
    return sums[..., 0] / sums[..., 1]


def test_resamples_draw_as_many_blocks_as_there_are_and_are_seeded():
    counts = resamples(9, 4000, seed=5)
    assert (counts.sum(axis=1) == 9).all()
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=0.06)
    np.testing.assert_allclose(counts.var(axis=0), 8 / 9, atol=0.12)
    np.testing.assert_array_equal(counts, resamples(9, 4000, seed=5))
    assert not np.array_equal(counts, resamples(9, 4000, seed=6))


def test_a_resample_is_a_plain_loop_over_drawn_blocks():
    sums = np.random.default_rng(0).integers(0, 9, (6, 3, 3))
    counts = resamples(6, 20, seed=1)
    found = drawn_sums(sums, counts)
    np.testing.assert_array_equal(found[0], sums.sum(axis=0))
    for draw, one in zip(counts, found[1:], strict=True):
        blocks = [block for block, times in enumerate(draw) for _ in range(times)]
        np.testing.assert_array_equal(one, sum(sums[block] for block in blocks))


def test_an_interval_holds_the_share_of_the_draws():
    scores = np.array([0.5, *np.linspace(0, 1, 1001), np.nan])
    found = interval(scores, 0.9)
    assert found == pytest.approx((0.5, 0.05, 0.95))
    assert np.isnan(interval(np.array([0.5, np.nan]), 0.9).low)


def test_the_mean_over_seeds_is_taken_draw_by_draw():
    scores = np.array([[0.4, *np.linspace(0, 1, 101)], [0.6, *np.linspace(1, 0, 101)]])
    assert mean_interval(scores, 5, 0.9) == pytest.approx((0.5, 0.5, 0.5))
    assert seed_spread(scores) == pytest.approx(np.std([0.4, 0.6], ddof=1))
    assert np.isnan(seed_spread(scores[:1]))


def test_one_block_has_no_interval():
    found = mean_interval(np.full((1, 50), 0.7), 1, 0.95)
    assert found.value == 0.7
    assert np.isnan([found.low, found.high]).all()


def test_better_means_that_the_interval_lies_above_zero():
    assert compared("none", Interval(0.1, 0.01, 0.2))["better_than_none"] == "yes"
    assert compared("none", Interval(0.1, -0.01, 0.2))["better_than_none"] == "no"
    alone = compared("none", Interval(0.1, np.nan, np.nan))
    assert alone == {"minus_none": "0.100000", "minus_none_low": "", "minus_none_high": ""}
    assert list(told("score", "", Interval(1, 0, 2))) == ["score", "low", "high"]


@pytest.mark.parametrize(
    ("own", "above", "said"),
    [((0.2, 0.1, 0.3), "3 of 3", "yes"), ((0.9, -0.1, 0.1), "2 of 3", "seeds disagree"),
     ((0.9, 0.0, 0.1), "2 of 3", "seeds disagree"), ((-0.9, 0.1, 0.2), "2 of 3", "no")],
)  # fmt: skip
def test_what_is_better_by_one_lucky_seed_is_told_apart(own, above, said):
    """The interval over blocks is above 0 in each of the first three."""
    differences = np.array(own)[:, None] + np.zeros((3, 101))
    row = compared("none", mean_interval(differences, 5, 0.95))
    row |= seeds_above("none", differences)
    assert row["seeds_above_none"] == above
    assert better(row, "none") == said
    assert better(row, "pixels") == ""


def test_one_seed_has_nobody_to_agree_with():
    assert seeds_above("none", np.ones((1, 11))) == {}
    assert better({"better_than_none": "yes"}, "none") == "yes"
    assert better({"better_than_none": "yes", "seeds_above_none": ""}, "none") == "yes"
    assert better({"better_than_none": "", "seeds_above_none": "3 of 3"}, "none") == ""


def test_intervals_cover_the_truth_as_often_as_they_say():
    """Blocks differ among each other: intervals over samples would be far too narrow."""
    random, covered, repeats = np.random.default_rng(1), 0, 200
    for repeat in range(repeats):
        chance = np.clip(random.normal(0.6, 0.2, 40), 0, 1)
        right = (random.random((40, 10)) < chance[:, None]).sum(axis=1)
        sums = np.stack([right, np.full(40, 10)], axis=1)
        found = interval(resampled(share, sums, resamples(40, 300, seed=repeat)), 0.95)
        covered += found.low <= 0.6 <= found.high
    assert 0.88 <= covered / repeats <= 0.99
