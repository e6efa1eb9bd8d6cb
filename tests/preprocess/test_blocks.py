"""Blocks of samples, one of them ahead."""

import time

import pytest

from speckle2vec.preprocess.blocks import one_ahead


def test_no_more_than_two_blocks_are_in_memory():
    made, used = [], []
    for item in one_ahead(lambda item: made.append(item) or item, range(8)):
        used.append(item)
        time.sleep(0.01)
        assert len(made) <= len(used) + 1
    assert used == made == list(range(8))


def test_what_fails_ahead_is_raised_where_it_is_used():
    used = []

    def work(item):
        if item == 2:
            raise ValueError("of the third")
        return item

    with pytest.raises(ValueError, match="of the third"):
        for item in one_ahead(work, range(4)):
            used.append(item)
    assert used == [0, 1]


def test_no_blocks_are_no_work():
    assert list(one_ahead(print, [])) == []
