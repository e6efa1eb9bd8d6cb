import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speckle2vec.preprocess.pairs import delay_days, pairs_by_delay


def moments(*texts):
    return [np.datetime64(text, "ms") for text in texts]


DATES = st.lists(st.integers(0, 400_000), min_size=1, max_size=6).map(
    lambda hours: [np.datetime64("2015-01-01T00:30", "ms") + np.timedelta64(h, "h") for h in hours]
)


@given(radar=DATES, optical=DATES)
def test_the_closest_pair_comes_first_and_of_equal_ones_the_earliest(radar, optical):
    found = pairs_by_delay(radar, optical)
    everything = [
        (abs(float((o - r) / np.timedelta64(1, "D"))), r, o) for r in radar for o in optical
    ]
    assert [(abs(p.delay), radar[p.radar], optical[p.optical]) for p in found] == sorted(everything)


def test_the_earliest_of_two_equally_close_pairs():
    radar = moments("2020-09-03T12:00", "2020-06-07T12:00")
    optical = moments("2020-09-05T12:00", "2020-06-05T12:00")
    assert pairs_by_delay(radar, optical)[0] == (1, 1, -2.0)


@pytest.mark.parametrize(
    ("radar", "optical", "delay"),
    [
        ("2020-06-07T01:08:00", "2020-06-04T05:46:39", -2.8065),
        ("2020-06-04T05:00:00", "2020-06-07T05:00:00", 3.0),
        ("2020-06-04", "2020-06-07T23:59:00", 3.0),
        ("2020-06-04T23:59:00", "2020-06-07", 3.0),
        ("2020-06-04", "2020-06-04", 0.0),
        ("NaT", "2020-06-04", np.nan),
        ("2020-06-04", "NaT", np.nan),
    ],
)
def test_delays(radar, optical, delay):
    found = delay_days(*moments(radar, optical))
    assert found == pytest.approx(delay, abs=1e-4, nan_ok=True)


def test_unknown_dates_come_last():
    radar, optical = moments("2020-06-07"), moments("NaT", "2022-06-07")
    assert [pair.optical for pair in pairs_by_delay(radar, optical)] == [1, 0]
