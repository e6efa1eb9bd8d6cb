"""Directions in few bytes, against least squares and eigenvectors."""

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.rotation import Rotation, fit_rotation


@pytest.fixture
def values():
    """Uneven dimensions far from the origin."""
    random = np.random.default_rng(0)
    mixed = random.normal(size=(300, 12)) * 1.5 ** -np.arange(12) @ random.normal(size=(12, 12))
    return (mixed + 10 * np.arange(12)).astype(np.float32)


def stored(arrays):
    """The directions that a file holds, float64."""
    return arrays["directions"] * arrays["steps"][:, None].astype(np.float64)


def test_coordinates_are_those_of_least_squares_on_the_stored_directions(values):
    arrays = fit_rotation(values, 4, rounded=True)
    aside = values.astype(np.float64) - arrays["mean"]
    expected = np.linalg.lstsq(stored(arrays).T, aside.T, rcond=None)[0].T
    rotation = Rotation(arrays)
    found = rotation.there(values)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    expected_back = expected @ stored(arrays) + arrays["mean"]
    np.testing.assert_allclose(rotation.back(found), expected_back, atol=1e-4)


def test_what_lies_in_the_space_of_the_stored_directions_stays(values):
    rotation = Rotation(fit_rotation(values, 4, rounded=True))
    coordinates = np.random.default_rng(1).normal(size=(20, 4)).astype(np.float32)
    np.testing.assert_allclose(rotation.there(rotation.back(coordinates)), coordinates, atol=1e-4)


def test_directions_are_eigenvectors_and_rounded_ones_within_half_a_step(values):
    exact = fit_rotation(values, 5, rounded=False)["directions"].astype(np.float64)
    _, vectors = np.linalg.eigh(np.cov(values.astype(np.float64), rowvar=False))
    along = np.abs((exact * vectors[:, ::-1].T[:5]).sum(axis=1))
    np.testing.assert_allclose(along, 1, atol=1e-6)
    arrays = fit_rotation(values, 5, rounded=True)
    assert (np.abs(arrays["directions"]).max(axis=1) == 127).all()
    off = np.abs(stored(arrays) - exact)
    assert (off <= 0.5001 * arrays["steps"][:, None]).all()


def test_one_sample_more_than_directions_is_enough_to_tell_them_all_apart(values):
    few = values[:5]
    rotation = Rotation(fit_rotation(few, 4, rounded=False))
    np.testing.assert_allclose(rotation.back(rotation.there(few)), few, atol=1e-3)
    with pytest.raises(UserError, match="needs more than 4 training samples, and there are 4;"):
        fit_rotation(values[:4], 4, rounded=False)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_samples_that_are_all_alike_come_back():
    alike = np.tile(np.array([1, -2, 3, 0.5], np.float32), (9, 1))
    for rounded in (False, True):
        rotation = Rotation(fit_rotation(alike, 2, rounded))
        np.testing.assert_allclose(rotation.back(rotation.there(alike)), alike, atol=1e-6)


def test_no_sample_has_no_coordinates(values):
    rotation = Rotation(fit_rotation(values, 3, rounded=True))
    assert rotation.there(values[:0]).shape == (0, 3)
    assert rotation.back(np.empty((0, 3), np.float32)).shape == (0, 12)
