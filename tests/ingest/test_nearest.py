"""The samples near a place, by a k-d tree and by a plain loop."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from speckle2vec.ingest.nearest import Split
from speckle2vec.products.sphere import unit_vectors
from speckle2vec.settings.stages import Neighbours


def split_of(longitude, rows):
    """A split of places on the equator, whose rows among all samples are given."""
    vectors = unit_vectors(np.array(longitude, float), np.zeros(len(longitude)))
    return Split(np.array(rows), cKDTree(vectors)), vectors


def asked(split, vectors, rows, **wanted):
    return split.near(vectors, np.array(rows), Neighbours(**wanted))


def test_rows_are_those_among_all_samples_and_distances_those_of_a_loop():
    random = np.random.default_rng(0)
    rows = np.sort(random.choice(1000, 80, replace=False))
    longitude = random.uniform(0, 40, 80)
    split, vectors = split_of(longitude, rows)
    found, degrees = asked(split, vectors, rows, radius=1.0, nearest=3, most=5)
    assert found.shape == degrees.shape == (80, 5)
    for at in range(80):
        apart = np.abs(longitude - longitude[at])
        order = [other for other in np.argsort(apart) if other != at]
        within = [other for other in order if apart[other] < 1][:5] or order[:3]
        there = np.isfinite(degrees[at])
        assert found[at][there].tolist() == rows[within].tolist()
        np.testing.assert_allclose(degrees[at][there], apart[within], atol=1e-6)
        assert not np.isfinite(degrees[at][len(within) :]).any()


def test_part_of_a_split_finds_what_the_whole_finds():
    longitude = np.random.default_rng(1).uniform(0, 9, 30)
    split, vectors = split_of(longitude, range(30))
    whole = asked(split, vectors, range(30), radius=0.4, nearest=2, most=3)
    for part in (slice(0, 1), slice(7, 20)):
        found = asked(split, vectors[part], range(30)[part], radius=0.4, nearest=2, most=3)
        for one, all_of_them in zip(found, whole, strict=True):
            np.testing.assert_array_equal(one, all_of_them[part])


def test_samples_equally_near_come_in_catalogue_order():
    split, vectors = split_of([0.5, 0, 0.5, 0, 0.5, 0], [3, 5, 10, 11, 12, 40])
    found, degrees = asked(split, vectors, split.rows, radius=1, nearest=1, most=5)
    assert found[0].tolist() == [10, 12, 5, 11, 40]
    assert found[3].tolist() == [5, 40, 3, 10, 12]
    assert degrees[0, :2].tolist() == [0, 0]


@pytest.mark.parametrize(("nearest", "most"), [(4, 1), (1, 4), (2, 2)])
def test_there_is_room_for_the_nearest_and_for_the_most(nearest, most):
    split, vectors = split_of([0, 0.1, 0.2, 50, 80], range(5))
    found, degrees = asked(split, vectors, range(5), radius=1, nearest=nearest, most=most)
    assert found.shape[1] == max(nearest, most)
    counts = np.isfinite(degrees).sum(axis=1).tolist()
    assert counts == [min(most, 2)] * 3 + [min(nearest, 4)] * 2
    assert found[4, 0] == 3


def test_the_edge_of_the_radius_is_outside():
    split, vectors = split_of([0, 1 - 1e-6, 1 + 1e-6], range(3))
    _, degrees = asked(split, vectors[:1], [0], radius=1, nearest=1, most=3)
    assert np.isfinite(degrees).sum() == 1


def test_a_split_of_one_sample_has_nobody_near():
    split, vectors = split_of([7], [12])
    _, degrees = asked(split, vectors, [12], radius=90, nearest=3, most=2)
    assert degrees.tolist() == [[np.inf] * 3]
