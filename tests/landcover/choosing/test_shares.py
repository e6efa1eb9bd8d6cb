"""Random splits and shares: by seed and id alone."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speckle2vec.errors import UserError
from speckle2vec.landcover.choosing.shares import (
    LEARNING,
    LEAST,
    RANDOM_SHARES,
    drawn_split,
    shared,
)
from speckle2vec.settings.landcover import Run

NAMES = [f"sample{number}" for number in range(4000)]
SPLIT_OF = {name: LEARNING[number % 3] for number, name in enumerate(NAMES[:300])}


def test_random_splits_have_the_papers_shares():
    counts = Counter(drawn_split(name, 42) for name in NAMES)
    for split, share in RANDOM_SHARES.items():  # four standard deviations of a share of 4,000
        assert abs(counts[split] / len(NAMES) - share) < 4 * (share * (1 - share) / 4000) ** 0.5


def test_a_random_split_is_of_its_seed():
    first, again, other = (
        [drawn_split(name, seed) for name in NAMES[:200]] for seed in (42, 42, 43)
    )
    assert first == again != other


@given(st.permutations(list(SPLIT_OF.items())), st.floats(10, 100), st.integers(0, 9))
def test_the_order_of_samples_does_not_matter(items, share, seed):
    run = Run("whole", share)
    assert shared(dict(items), run, seed) == shared(SPLIT_OF, run, seed)


@given(st.floats(10, 100), st.floats(10, 100), st.integers(0, 9))
def test_a_smaller_share_is_part_of_a_larger_one(one, two, seed):
    few, many = (shared(SPLIT_OF, Run("whole", share), seed) for share in sorted((one, two)))
    assert few.items() <= many.items()


def test_validation_keeps_its_least_and_the_test_its_all():
    counts = Counter(shared(SPLIT_OF, Run("whole", 10), 42).values())
    assert counts == {"train": 10, "validation": max(LEAST, 10), "test": 100}
    counts = Counter(shared(SPLIT_OF, Run("whole", 8), 42).values())
    assert counts == {"train": 8, "validation": LEAST, "test": 100}


def test_too_few_to_train_on_is_a_sentence():
    with pytest.raises(UserError, match="names 7 percent, which leaves 7 of 100 labelled"):
        shared(SPLIT_OF, Run("whole", 7), 42)
