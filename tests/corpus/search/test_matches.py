"""The closest Sentinel-2 image of each Sentinel-1 image: against a plain search."""

import numpy as np
import pytest
from tests.corpus.search.few_images import image, images_of

from speckle2vec.corpus.search.matches import DAY_MS, match


def at(*times):
    return images_of(*(image(f"{number}", time) for number, time in enumerate(times)))


def held_in_time(images, positions):
    return np.array(sorted(positions, key=lambda one: images.times[one]), np.int64)


def test_matches_are_those_of_a_plain_search():
    random = np.random.default_rng(0)
    radar, optical = (at(*random.integers(0, 40, 30).tolist()) for _ in range(2))
    of_patch, held = (
        held_in_time(images, random.permutation(30)[:12]) for images in (radar, optical)
    )
    found = match(radar, of_patch, optical, held, 2 / DAY_MS)
    for place, one in enumerate(of_patch):
        apart, _, best = min(
            (abs(int(radar.times[one] - optical.times[other])), turn, other)
            for turn, other in enumerate(held)
        )
        assert found.apart[place] == apart
        assert found.complete[place] == (apart <= 2)
        assert found.optical[place] == (best if apart <= 2 else -1)
    assert 0 < found.complete.sum() < 12
    assert found.times.tolist() == sorted(found.times.tolist())
    assert found.others == 12


@pytest.mark.parametrize("times", [(0, 200), (200, 0)])
def test_of_two_as_close_the_earlier_is_taken(times):
    optical = at(*times)
    found = match(at(100), np.array([0]), optical, held_in_time(optical, [0, 1]), 3.0)
    assert optical.times[found.optical].tolist() == [0]


@pytest.mark.parametrize(("beyond", "near"), [(0, True), (1, False)])
def test_just_as_many_days_as_allowed_are_near(beyond, near):
    optical = at(3 * DAY_MS // 2 + beyond)
    found = match(at(0), np.array([0]), optical, np.array([0]), 1.5)
    assert found.complete.tolist() == [near]
    assert found.optical.tolist() == [0 if near else -1]
    assert found.others == 1


def test_no_image_of_the_patch_leaves_every_date_without():
    found = match(at(5, 6), np.array([0, 1]), at(5), np.zeros(0, np.int64), 3.0)
    assert found.optical.tolist() == [-1, -1]
    assert not found.complete.any()
    assert found.others == 0


def test_where_none_is_asked_every_date_is_complete():
    found = match(at(5, 6), np.array([1]), None, np.zeros(0, np.int64), 3.0)
    assert found.complete.tolist() == [True]
    assert (found.optical.tolist(), found.apart.tolist()) == ([-1], [0])
    nothing = match(at(), np.zeros(0, np.int64), at(5), np.array([0]), 3.0)
    assert len(nothing.complete) == 0
