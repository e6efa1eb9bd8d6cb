import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speckle2vec.preprocess.bilateral import bilateral
from speckle2vec.preprocess.moments import TOLERANCE, least_polynomial, moment_filter, spatial_disc
from speckle2vec.settings.stages import Bilateral

REPORT = Bilateral()
OPENCV_ROUNDING = 3e-5
"""How far OpenCV's float32 filter lies from the exact one on these images, dB."""


def speckled(shape=(90, 101), seed=0, contrast=4.0):
    """Backscatter in dB: a piecewise scene under four-look speckle, as float16 stores it."""
    random = np.random.default_rng(seed)
    scene = np.kron(random.normal(-12, contrast, (20, 20)), np.ones((8, 8)))[: shape[0], : shape[1]]
    return (scene + 10 * np.log10(random.gamma(4, 1 / 4, shape))).astype("f2").astype("f4")


def with_bright_targets(image, seed=1):
    random = np.random.default_rng(seed)
    bright = image.copy()
    for row, column in random.integers(0, 85, (12, 2)):
        bright[row : row + 2, column : column + 3] = random.uniform(5, 30)
    return bright


def filtered_by_a_loop(image, chosen):
    """The definition, neighbour by neighbour, in float64."""
    radius = max(chosen.diameter // 2, 1)
    framed = np.pad(image.astype("f8"), radius, mode="reflect")
    total, weight = np.zeros(image.shape), np.zeros(image.shape)
    for down in range(-radius, radius + 1):
        for across in range(-radius, radius + 1):
            if down**2 + across**2 > radius**2:
                continue
            top, left = radius + down, radius + across
            other = framed[top : top + image.shape[0], left : left + image.shape[1]]
            exponent = (down**2 + across**2) / chosen.sigma_space**2
            exponent = exponent + (other - image) ** 2 / chosen.sigma_color**2
            total += np.exp(-exponent / 2) * other
            weight += np.exp(-exponent / 2)
    return total / weight


def by_opencv(image, chosen=REPORT):
    return cv2.bilateralFilter(image, chosen.diameter, chosen.sigma_color, chosen.sigma_space)


@pytest.mark.parametrize("make_image", [speckled, lambda: with_bright_targets(speckled())])
@pytest.mark.parametrize(
    "chosen",
    [
        REPORT,
        Bilateral(sigma_color=25),
        Bilateral(sigma_color=15),
        Bilateral(diameter=5, sigma_space=1.5),
        Bilateral(diameter=1),
        Bilateral(diameter=8, sigma_color=40),
        Bilateral(sigma_color=2),
        Bilateral(sigma_color=0.1),
    ],
    ids=str,
)
def test_the_filter_is_the_one_of_the_definition_and_of_opencv(make_image, chosen):
    image = make_image()
    filtered = bilateral(image, chosen)
    assert filtered.dtype == np.float32
    np.testing.assert_allclose(filtered, by_opencv(image, chosen), rtol=0, atol=1e-4)
    if chosen.sigma_color >= 2:
        exact = filtered_by_a_loop(image, chosen)
        np.testing.assert_allclose(filtered, exact, rtol=0, atol=TOLERANCE + OPENCV_ROUNDING)


def test_the_reports_filter_is_within_a_ten_thousandth_of_the_spread():
    for seed in range(4):
        image = with_bright_targets(speckled(seed=seed), seed)
        reference = by_opencv(image)
        assert np.abs(bilateral(image, REPORT) - reference).max() < 1e-4 * reference.std()


def test_wide_range_kernels_take_few_convolutions_and_narrow_ones_none():
    assert len(least_polynomial(30, 75)) == 3
    assert len(least_polynomial(40, 75)) == 4
    assert least_polynomial(30, 2) is None
    assert least_polynomial(3e4, 0.001) is None


@pytest.mark.parametrize(("spread", "sigma"), [(30, 75), (55, 75), (30, 25), (20, 12)])
def test_the_polynomial_keeps_its_promise(spread, sigma):
    polynomial = np.polynomial.Polynomial(least_polynomial(spread, sigma))
    ends = np.linspace(-spread / 2, spread / 2, 301)
    product = np.outer(ends, ends) / sigma**2
    relative = polynomial(product) / np.exp(product) - 1
    assert np.abs(relative).max() * spread <= TOLERANCE
    assert np.abs(relative).max() > 0


def test_too_low_a_degree_would_be_seen():
    image = with_bright_targets(speckled())
    scaled = (image - np.float32((image.min() + image.max()) / 2)) / np.float32(75)
    wrong = moment_filter(scaled, spatial_disc(4, 75), (1.0, 1.0))
    assert np.abs(wrong - moment_filter(scaled, spatial_disc(4, 75), (1, 1, 0.5))).max() * 75 > 1e-3


def grey_levels(image):
    return cv2.normalize(image, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


@pytest.mark.parametrize("bright", [False, True])
def test_grey_levels_are_exactly_those_of_opencv(bright):
    differing = 0
    for seed in range(12):
        image = speckled((150, 150), seed)
        image = with_bright_targets(image, seed) if bright else image
        expected = grey_levels(by_opencv(image))
        differing += np.count_nonzero(grey_levels(bilateral(image, REPORT)) != expected)
        assert np.array_equal(grey_levels(bilateral(image, REPORT, for_levels=True)), expected)
    assert differing > 0, "the images do not show what refiltering is for"


def test_a_constant_image_stays():
    image = np.full((40, 40), -9.5, np.float32)
    assert np.array_equal(bilateral(image, REPORT, for_levels=True), image)


@settings(max_examples=25, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    seed=st.integers(0, 2**32 - 1),
    sigma=st.sampled_from([2.0, 20.0, 75.0]),
)
def test_small_images_and_their_borders_are_filtered_as_by_opencv(shape, seed, sigma):
    image = np.random.default_rng(seed).normal(-12, 5, shape).astype(np.float32)
    chosen = Bilateral(sigma_color=sigma)
    expected = by_opencv(image, chosen)
    np.testing.assert_allclose(bilateral(image, chosen, True), expected, rtol=0, atol=1e-4)


def test_the_input_is_not_changed():
    image = speckled()
    before = image.copy()
    bilateral(image, REPORT, for_levels=True)
    assert np.array_equal(image, before)
