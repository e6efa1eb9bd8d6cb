import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from speckle2vec.training.order import epoch_order

SIZES = st.lists(st.integers(0, 7), min_size=1, max_size=12).filter(any)


@settings(max_examples=100, deadline=None)
@given(SIZES, st.integers(1, 15), st.integers(0, 5))
def test_every_sample_comes_once_and_few_shards_at_a_time(shards, mixed, epoch):
    order = epoch_order(3, epoch, shards, mixed)
    assert sorted(order) == list(range(sum(shards)))
    shard_of = np.repeat(np.arange(len(shards)), shards)[order]
    groups, start = [], 0
    while start < len(order):
        # The longest stretch of at most `mixed` shards; each shard stays within one stretch.
        seen, stop = set(), start
        while stop < len(order) and len(seen | {shard_of[stop]}) <= mixed:
            seen.add(shard_of[stop])
            stop += 1
        groups.append(seen)
        start = stop
    whole = [shard for group in groups for shard in group]
    if 0 not in shards:
        assert len(whole) == len(set(whole)) == len(shards)


def test_the_order_depends_on_seed_and_epoch_and_on_how_many_shards_are_mixed():
    sizes = [10] * 8
    orders = {tuple(epoch_order(*key)) for key in [
        (1, 0, sizes, 4), (2, 0, sizes, 4), (1, 1, sizes, 4), (1, 0, sizes, 2), (1, 0, sizes, 8),
    ]}  # fmt: skip
    assert len(orders) == 5
    assert np.array_equal(epoch_order(1, 0, sizes, 8), epoch_order(1, 0, sizes, 99))


def test_samples_of_a_group_are_mixed():
    order = epoch_order(0, 0, [50] * 4, 4) // 50
    changes = np.count_nonzero(np.diff(order))
    assert changes > 100
