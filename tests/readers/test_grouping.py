import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speckle2vec.readers.grouping import group_places

PLACES = st.sets(st.text("abcdefghij0123456789_", min_size=1, max_size=6), min_size=1, max_size=80)


def shard_of(groups):
    return {place: shard for shard, group in groups.items() for place in group}


def digits(place):
    return "".join(f"{byte:08b}" for byte in hashlib.sha256(place.encode()).digest())


@given(places=PLACES, most=st.integers(1, 9))
def test_every_place_is_in_one_shard_and_none_is_too_full(places, most):
    groups = group_places(places, most)
    assert sorted(place for group in groups.values() for place in group) == sorted(places)
    assert all(1 <= len(group) <= most for group in groups.values())
    assert list(groups) == sorted(groups)
    assert all(list(group) == sorted(group) for group in groups.values())


@given(places=PLACES, new=st.text("xyz", min_size=1, max_size=4), most=st.integers(2, 9))
def test_a_new_place_changes_one_shard_or_splits_it(places, new, most):
    before, after = group_places(places, most), group_places(places | {new}, most)
    changed = {shard for shard in before if after.get(shard) != before[shard]}
    assert len(changed) <= 1
    held = {place for shard in changed for place in before[shard]}
    added = {place for shard in after.keys() - before.keys() for place in after[shard]}
    assert added <= held | {new}


@given(places=PLACES, most=st.integers(2, 9))
def test_names_are_the_shortest_digits_that_keep_shards_small(places, most):
    """Against a plain search: the fewest digits that leave no more than `most` places."""
    found = shard_of(group_places(places, most))
    for place in places:
        shared = 0
        while sum(digits(other)[:shared] == digits(place)[:shared] for other in places) > most:
            shared += 1
        assert found[place] == f"places-{digits(place)[:shared] or 'all'}"


def test_one_place_a_shard_is_called_like_the_place():
    assert group_places(["b", "a"], 1) == {"a": ("a",), "b": ("b",)}


@pytest.mark.parametrize("most", [16, 64])
def test_shards_are_two_thirds_full(most):
    groups = group_places([f"p{number:05d}" for number in range(20_000)], most)
    full = 20_000 / (most * len(groups))
    assert 0.6 < full < 0.8
    # Names must stay what they are: another release must find the products of this one.
    assert group_places(["p00000", "p00001", "p00002"], 2) == {
        "places-000": ("p00000", "p00001"), "places-001": ("p00002",),
    }  # fmt: skip
