import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speckle2vec.measures.health import effective_rank, health


def test_even_directions_spread_by_one_and_have_no_common_direction():
    embeddings = np.random.default_rng(0).standard_normal((4000, 64))
    figures = health(embeddings)
    assert figures.std == pytest.approx(1, abs=0.02)
    assert figures.cosine == pytest.approx(0, abs=0.01)
    assert figures.rank == pytest.approx(64, rel=0.02)


def test_equal_embeddings_have_no_spread_and_rank_one():
    figures = health(np.tile(np.arange(1.0, 9.0), (20, 1)))
    assert figures == pytest.approx((0, 1, 1), abs=1e-9)


def test_opposite_directions():
    direction = np.ones(16)
    figures = health(np.stack([direction, -direction]))
    assert figures == pytest.approx((1, -1, 1))


def test_mean_cosine_equals_a_double_loop():
    values = np.random.default_rng(1).standard_normal((9, 5)) + 1
    cosines = [
        values[i] @ values[j] / np.linalg.norm(values[i]) / np.linalg.norm(values[j])
        for i in range(9)
        for j in range(9)
        if i != j
    ]
    assert health(values).cosine == pytest.approx(np.mean(cosines))


def test_the_spread_is_what_a_common_direction_leaves():
    random = np.random.default_rng(2)
    directions = random.standard_normal((5000, 256)) / 16
    common = np.zeros(256)
    common[0] = 3
    figures = health(directions + common)
    assert figures.cosine == pytest.approx(0.9, abs=0.01)
    assert figures.std == pytest.approx(np.sqrt(1 - 0.9), abs=0.02)
    assert figures.rank > 200


@given(st.integers(1, 8))
def test_equal_singular_values_give_their_number(rank):
    basis = np.linalg.qr(np.random.default_rng(rank).standard_normal((16, 8)))[0][:, :rank]
    values = np.concatenate([basis.T, -basis.T])
    assert effective_rank(values) == pytest.approx(rank)


def test_effective_rank_equals_the_entropy_of_known_singular_values():
    values = np.diag([4.0, 2.0, 1.0, 1.0])
    values = np.concatenate([values, -values])
    shares = np.array([4, 2, 1, 1]) / 8
    assert effective_rank(values) == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))


def test_one_sample_has_no_health():
    with pytest.raises(ValueError, match="at least 2"):
        health(np.ones((1, 8)))
