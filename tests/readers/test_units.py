import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from speckle2vec.readers.units import UnitsError, image_in_decibels

POWERS = arrays(np.float32, (6, 6), elements=st.floats(2**-20, 2**20, width=32))


@given(POWERS)
def test_linear_power_becomes_decibels(power):
    expected = 10 * np.log10(power.astype(np.float64))
    found = image_in_decibels(power, "linear", "here")
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_what_is_no_power_is_masked():
    power = np.array([[0.0, -0.1, np.nan, np.inf, 1e-30, 1.0, 0.1, 0.01]])
    found = image_in_decibels(power, "linear", "here")
    assert np.isnan(found[0, :5]).all()
    np.testing.assert_allclose(found[0, 5:], [0, -10, -20], atol=1e-5)


def test_undeclared_fill_values_of_db_are_masked():
    found = image_in_decibels(np.array([[-9999.0, -32768.0, 3.4e38, -12.0, -13.0]]), "db", "here")
    np.testing.assert_array_equal(np.isnan(found), [[True, True, True, False, False]])


def test_undeclared_fill_values_do_not_make_power_look_like_db():
    power = np.full((4, 4), -32768.0)
    power[0, :3] = [0.1, 0.2, 0.3]
    assert np.isfinite(image_in_decibels(power, "linear", "here")).sum() == 3


def test_the_wrong_unit_is_told_with_its_mend():
    decibels = np.random.default_rng(0).normal(-12, 3, (20, 20))
    with pytest.raises(UnitsError, match=r"^file x: 100% of the values .*set `units: db`"):
        image_in_decibels(decibels, "linear", "file x")
    with pytest.raises(UnitsError, match=r"^file x: no value of 400 .*set `units: linear`"):
        image_in_decibels(10 ** (decibels / 10), "db", "file x")


def test_a_few_bright_or_noisy_pixels_are_no_wrong_unit():
    decibels = np.full((10, 10), 3.0)
    decibels[0] = -1.0
    assert np.isfinite(image_in_decibels(decibels, "db", "here")).all()
    power = np.full((10, 10), 0.01)
    power[:4] = -0.001
    assert np.isfinite(image_in_decibels(power, "linear", "here")).sum() == 60


@pytest.mark.parametrize("value", [0.0, 3.0, np.nan])
def test_constant_images_say_nothing_of_their_unit(value):
    found = image_in_decibels(np.full((5, 5), value), "db", "here")
    np.testing.assert_array_equal(found, np.full((5, 5), value, dtype=np.float32))
