import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speckle2vec.preprocess.temporal import season_order, temporal_features


def features(images):
    out = np.full((3, *images.shape[1:]), np.nan, np.float32)
    temporal_features(list(images), out)
    return out


@pytest.mark.parametrize("dates", [1, 2, 4, 7])
@pytest.mark.parametrize("level", [0, -20, 255])
def test_features_are_numpys(dates, level):
    images = np.random.default_rng(dates).normal(level, 3, (dates, 33, 20)).astype(np.float32)
    mean, deviation, difference = features(images)
    exact = images.astype(np.float64)
    np.testing.assert_allclose(mean, exact.mean(axis=0), rtol=0, atol=3e-5)
    np.testing.assert_allclose(deviation, exact.std(axis=0), rtol=0, atol=1e-5)
    np.testing.assert_allclose(difference, exact[-1] - exact[0], rtol=0, atol=1e-5)


def test_one_date_has_neither_spread_nor_difference():
    image = np.random.default_rng(0).normal(-12, 3, (1, 8, 8)).astype(np.float32)
    mean, deviation, difference = features(image)
    assert np.array_equal(mean, image[0])
    assert not deviation.any()
    assert not difference.any()


def test_equal_dates_have_no_spread():
    image = np.random.default_rng(0).normal(-12, 3, (8, 8)).astype(np.float32)
    mean, deviation, difference = features(np.stack([image] * 4))
    np.testing.assert_allclose(mean, image, rtol=1e-6)
    assert not deviation.any()
    assert not difference.any()


def test_a_small_spread_on_a_high_level_keeps_its_digits():
    images = (250 + 1e-3 * np.random.default_rng(0).normal(size=(4, 9, 9))).astype(np.float32)
    exact = images.astype(np.float64).std(axis=0)
    np.testing.assert_allclose(features(images)[1], exact, rtol=1e-3, atol=1e-6)


def test_the_order_of_the_dates_decides_the_sign_of_the_difference():
    images = np.random.default_rng(0).normal(size=(3, 5, 5)).astype(np.float32)
    np.testing.assert_allclose(features(images)[2], -features(images[::-1])[2])


def test_seasons_start_with_spring():
    dates = np.array(["2020-01-15", "2020-04-02", "2020-07-30", "2020-10-11"], "datetime64[ms]")
    assert season_order(tuple(dates)) == [1, 2, 3, 0]


def test_within_a_season_the_earlier_date_comes_first():
    dates = np.array(["2021-01-01", "2020-12-01", "2021-05-31", "2020-03-01"], "datetime64[ns]")
    assert season_order(tuple(dates)) == [3, 2, 1, 0]


SEASONS = {3: 0, 4: 0, 5: 0, 6: 1, 7: 1, 8: 1, 9: 2, 10: 2, 11: 2, 12: 3, 1: 3, 2: 3}


@given(st.lists(st.dates(min_value=__import__("datetime").date(1960, 1, 1)), min_size=1))
def test_any_dates_come_out_by_season_then_date(dates):
    ordered = [dates[index] for index in season_order([np.datetime64(date) for date in dates])]
    keys = [(SEASONS[date.month], date) for date in ordered]
    assert keys == sorted(keys)
    assert sorted(ordered) == sorted(dates)
