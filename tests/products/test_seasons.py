import numpy as np
import pytest

from speckle2vec.products.seasons import seasons_of


def dates(*texts):
    return np.array([texts], dtype="datetime64[ms]")


def test_the_first_and_the_last_date_are_points_on_the_circle_of_the_year():
    (season,) = seasons_of(dates("2020-01-01", "2020-05-05", "2020-07-01T13:00"))
    angle = 2 * np.pi * 182 / 365.2425
    np.testing.assert_allclose(season, [0, 1, np.sin(angle), np.cos(angle)], atol=1e-6)
    assert season.dtype == np.float32


def test_years_do_not_count_and_new_year_is_no_jump():
    end, start = seasons_of(dates("2019-12-31"))[0], seasons_of(dates("2023-01-01"))[0]
    assert np.abs(end - start).max() < 0.03


@pytest.mark.parametrize("order", [("NaT", "2020-04-01"), ("2020-04-01", "NaT")])
def test_a_date_that_is_not_known_is_the_middle_of_the_circle(order):
    season = seasons_of(dates(*order))[0].reshape(2, 2)
    known = np.linalg.norm(season, axis=1)
    np.testing.assert_allclose(known, [date != "NaT" for date in order], atol=1e-6)


def test_one_date_is_first_and_last():
    (season,) = seasons_of(dates("2021-10-01"))
    np.testing.assert_array_equal(season[:2], season[2:])
