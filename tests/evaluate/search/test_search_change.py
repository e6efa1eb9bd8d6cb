"""Places that changed, by simulated embeddings with a known change."""

import csv
from datetime import datetime

import numpy as np
import pytest
from pydantic import ValidationError

from speckle2vec.errors import UserError
from speckle2vec.evaluate.search.change import list_changes
from speckle2vec.settings.search import Search

from . import searched as made_samples
from .searched import searched, settings

YEARS = (2019, 2020, 2021, 2022)
PERIODS = {"before": ["2019-01-01", "2020-12-31"], "after": ["2021-01-01", "2022-12-31"]}
ANGLES = {"still": 0.0, "a-little": 20.0, "half": 60.0, "turned": 90.0}


def stacks(folder, noise=0.0, order=None):
    """Four places x four years x two dates; from 2021 each is turned by its angle."""
    random = np.random.default_rng(3)
    values, ids, dates, places = [], [], [], []
    for number, (place, angle) in enumerate(ANGLES.items()):
        plane = np.linalg.qr(random.normal(size=(1024, 2)))[0].T
        for year in YEARS:
            turn = np.radians(angle) if year >= 2021 else 0.0
            vector = np.cos(turn) * plane[0] + np.sin(turn) * plane[1]
            values.append(vector * (1 + number) + random.normal(size=1024) * noise)
            ids.append(f"{place}_{year}0301")
            dates.append([datetime(year, 3, 1, 5), datetime(year, 9, 1, 5)])
            places.append((float(number), 47.0))
    order = list(range(16)) if order is None else order
    return searched(folder, np.array(values, np.float32)[order], [ids[at] for at in order],
                    [dates[at] for at in order], [places[at] for at in order])  # fmt: skip


def changes(made, **search):
    output = made.folder / "change.csv"
    list_changes(settings(**search), made.rows, output)
    with output.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_known_change_is_measured_and_ranked(tmp_path):
    rows = changes(stacks(tmp_path), **PERIODS)
    assert [row["place"] for row in rows] == ["turned", "half", "a-little", "still"]
    expected = [1 - np.cos(np.radians(ANGLES[row["place"]])) for row in rows]
    np.testing.assert_allclose([float(row["cosine_change"]) for row in rows], expected, atol=2e-6)
    assert all(float(row["within_periods"]) == pytest.approx(0, abs=2e-6) for row in rows)
    assert rows[0] == {
        "place": "turned", "corpus": "c", "longitude": "3.000000", "latitude": "47.000000",
        "cosine_change": "1.000000", "within_periods": rows[0]["within_periods"],
        "before_samples": "2", "before_first": "2019-03-01", "before_last": "2020-09-01",
        "after_samples": "2", "after_first": "2021-03-01", "after_last": "2022-09-01",
    }  # fmt: skip


def test_the_spread_is_that_of_the_textbook(tmp_path):
    made = stacks(tmp_path, noise=0.02)
    rows = {row["place"]: row for row in changes(made, **PERIODS)}
    units = made.values.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    for number, place in enumerate(ANGLES):
        parts = units[4 * number : 4 * number + 2], units[4 * number + 2 : 4 * number + 4]
        means = [part.mean(axis=0) / np.linalg.norm(part.mean(axis=0)) for part in parts]
        spread = np.mean([1 - one @ mean for part, mean in zip(parts, means, strict=True)
                          for one in part])  # fmt: skip
        assert float(rows[place]["within_periods"]) == pytest.approx(spread, abs=2e-6)
        change = 1 - means[0] @ means[1]
        assert float(rows[place]["cosine_change"]) == pytest.approx(change, abs=2e-6)


def test_without_periods_the_first_and_last_sample_count(tmp_path):
    order = np.random.default_rng(0).permutation(16)
    rows = changes(stacks(tmp_path, order=order))
    assert [row["place"] for row in rows] == ["turned", "half", "a-little", "still"]
    assert {(row["before_first"], row["after_first"]) for row in rows} == {
        ("2019-03-01", "2022-03-01")
    }
    assert {row["within_periods"] for row in rows} == {""}


def test_a_sample_that_leaves_its_period_does_not_count(tmp_path):
    periods = {"before": ["2019-01-01", "2020-08-31"], "after": ["2021-03-01", "2021-09-01"]}
    rows = changes(stacks(tmp_path), **periods)
    assert {(row["before_samples"], row["after_samples"]) for row in rows} == {("1", "1")}
    assert {row["before_last"] for row in rows} == {"2019-09-01"}


def test_a_place_of_two_shards_is_one_place(tmp_path, monkeypatch):
    monkeypatch.setattr(made_samples, "SHARD", 3)
    monkeypatch.setattr("speckle2vec.evaluate.search.rows.ROWS_TOGETHER", 3)
    order = [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]
    made = stacks(tmp_path / "mixed", order=order)
    assert len(made.keys) == len(list(made.rows.blocks())) == 6
    assert changes(made, **PERIODS) == changes(stacks(tmp_path / "sorted"), **PERIODS)


def test_nothing_to_compare_is_a_sentence(tmp_path):
    made = stacks(tmp_path)
    years = {"before": ["2001-01-01", "2001-12-31"], "after": ["2002-01-01", "2002-12-31"]}
    with pytest.raises(UserError, match="4 of them more than one, from 2019-03-01 to 2022-09-01"):
        changes(made, **years)
    alone = searched(tmp_path / "alone", np.ones((3, 1024), np.float32))
    with pytest.raises(UserError, match="No place has two samples to compare: 3 places"):
        changes(alone)
    with pytest.raises(UserError, match="No place has two samples to compare: 3 places"):
        changes(alone, **years)
    assert not (tmp_path / "alone/change.csv").exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"before": ["2019-01-01", "2019-12-31"]}, "given together, or neither"),
        ({**PERIODS, "before": ["2020-12-31", "2019-01-01"]}, "before it begins on 2020-12-31"),
        ({**PERIODS, "before": ["2019-01-01", "2021-01-01"]}, "but before ends on 2021-01-01 only"),
    ],
)
def test_periods_follow_each_other(given, told):
    with pytest.raises(ValidationError, match=told):
        Search(**given)
