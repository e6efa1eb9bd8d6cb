"""Jobs of a shard: which images each place has, in which order, and on which grid."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from speckle2vec.corpus.cutting.jobs import jobs_of
from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.troubles import UnusableError
from speckle2vec.errors import UserError
from speckle2vec.products.candidates import write_candidates
from speckle2vec.products.places import write_places

FIRST, SECOND = "0000001", "0000002"
POSITIONS = np.array([(12.0, 48.0), (9.0, 50.0), (3.0, 50.0)])
SHARDS = np.array(["train-000001", "train-000001", "train-000002"])


def row(place, role, snapshot, day, item, epsg=32633, stac='{"a": 1, "b": 2}'):
    return {"place": place, "role": role, "snapshot": snapshot, "item": item, "epsg": epsg,
            "datetime": datetime(2021, 6, day, 5, tzinfo=UTC), "stac": stac,
            "reason": ""}  # fmt: skip


def none(place, reason="no images"):
    return {"place": place, "role": "none", "snapshot": 0, "reason": reason}


@pytest.fixture
def jobs(tmp_path):
    """The jobs of the first shard, whose places have some candidates."""

    def make(*rows):
        places, candidates = tmp_path / "places.parquet", tmp_path / "candidates.parquet"
        write_places(places, POSITIONS, np.full(3, ""), SHARDS, {})
        write_candidates(rows, candidates)
        return jobs_of(places, candidates, "train-000001")

    return make


def items(job):
    return {role: [row["item"] for row in rows] for role, rows in job.images.items()}


def test_jobs_follow_the_places_and_images_the_dates_of_sentinel_1(jobs):
    first, second = jobs(
        none(SECOND, "no image of S1"),
        row(FIRST, "S2", 1, 2, "optical of b"),
        row(FIRST, "S1", 0, 20, "c"),
        row(FIRST, "S1", 2, 10, "b"),
        row(FIRST, "S2", 0, 1, "optical of c"),
        row(FIRST, "S1", 1, 10, "a"),
        row(FIRST, "S2", 2, 30, "optical of a"),
    )
    assert (first.place, first.longitude, first.latitude) == (FIRST, 12.0, 48.0)
    assert items(first) == {
        "S1": ["a", "b", "c"],
        "S2": ["optical of b", "optical of a", "optical of c"],
    }
    assert (second.place, second.reason) == (SECOND, "no image of S1")
    assert items(second) == {"S1": [], "S2": []}


@pytest.mark.parametrize(("optical", "epsg"), [(32632, 32632), (None, 32633)])
def test_the_grid_is_that_of_sentinel_2_where_there_is_any(jobs, optical, epsg):
    rows = [row(FIRST, "S1", 0, 1, "a", 32633)]
    rows += [row(FIRST, "S2", 0, 1, "x", optical)] if optical else []
    job, _ = jobs(*rows, none(SECOND))
    assert job.grid(64) == patch_grid(12.0, 48.0, epsg, 64)


def test_an_image_without_a_code_can_not_be_cut(jobs):
    rows = row(FIRST, "S1", 0, 1, "a"), row(FIRST, "S2", 0, 1, "x", None)
    job, _ = jobs(*rows, none(SECOND))
    with pytest.raises(UnusableError, match="x does not say in which coordinate system it is"):
        job.grid(64)


def test_what_a_patch_is_made_from_is_of_its_own_place_and_not_of_how_it_is_written(jobs):
    one = row(FIRST, "S1", 0, 1, "a"), row(FIRST, "S1", 1, 9, "b")
    before = json.dumps(jobs(*one, none(SECOND))[0].made_from, sort_keys=True)
    other_text = row(FIRST, "S1", 0, 1, "a", stac='{"b":2,"a":1}')
    same = jobs(row(SECOND, "S1", 0, 1, "z"), one[1], other_text)[0]
    assert json.dumps(same.made_from, sort_keys=True) == before
    for changed in (
        row(FIRST, "S1", 0, 2, "a"),
        row(FIRST, "S1", 0, 1, "a", stac='{"a": 1, "b": 3}'),
        row(FIRST, "S1", 0, 1, "a", epsg=32632),
    ):
        found = jobs(changed, one[1], none(SECOND))[0]
        assert json.dumps(found.made_from, sort_keys=True) != before


def test_another_reason_is_another_patch(jobs):
    reasons = "no image of S1", "no image of S2"
    first, second = (jobs(none(FIRST, one), none(SECOND))[0].made_from for one in reasons)
    assert first != second


@pytest.mark.parametrize("others", [[], [none(SECOND), none("0000003")]])
def test_candidates_of_other_places_are_refused(jobs, others):
    with pytest.raises(UserError, match=r"is of other places than .* has in train-000001; remove"):
        jobs(none(FIRST), *others)
