"""Squared error, PSNR and SSIM against references that share no code with ours."""

import numpy as np
import pytest

from speckle2vec.measures.likeness import DATA_RANGE, likeness, psnr


def pair(features=3, side=32):
    random = np.random.default_rng(1)
    first = random.normal(size=(features, side, side)).astype(np.float32)
    far = np.linspace(0.1, 1.5, features)[:, None, None]
    return first, (first + far * random.normal(size=first.shape)).astype(np.float32)


def test_squared_errors_are_those_of_each_feature():
    first, second = pair()
    found = likeness(first, second).squared_error
    expected = [
        sum((float(a) - float(b)) ** 2 for a, b in zip(one.flat, other.flat, strict=True)) / 1024
        for one, other in zip(first, second, strict=True)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def ssim_by_windows(one, other):
    """The mean over all whole windows, one after the other (Wang et al. 2004, section III-B)."""
    steps = np.exp(-np.square(np.arange(-5, 6)) / (2 * 1.5**2))
    weights = np.outer(steps, steps) / steps.sum() ** 2
    first, second = (0.01 * 8) ** 2, (0.03 * 8) ** 2
    found = []
    for row, column in np.ndindex(one.shape[0] - 10, one.shape[1] - 10):
        x, y = (part[row : row + 11, column : column + 11].astype(float) for part in (one, other))
        mean_x, mean_y = (weights * x).sum(), (weights * y).sum()
        deviations = x - mean_x, y - mean_y
        variances = [(weights * part**2).sum() for part in deviations]
        shared = (weights * deviations[0] * deviations[1]).sum()
        found.append(
            (2 * mean_x * mean_y + first) * (2 * shared + second)
            / ((mean_x**2 + mean_y**2 + first) * (sum(variances) + second))
        )  # fmt: skip
    return np.mean(found)


def test_ssim_is_that_of_its_definition():
    first, second = pair(side=20)
    expected = [ssim_by_windows(*both) for both in zip(first, second, strict=True)]
    np.testing.assert_allclose(likeness(first, second).ssim, expected, atol=1e-9)
    assert expected[0] > expected[1] > expected[2]


def test_an_image_is_wholly_like_itself():
    first, _ = pair()
    found = likeness(first, first)
    np.testing.assert_array_equal(found.squared_error, 0)
    np.testing.assert_allclose(found.ssim, 1)
    assert np.isposinf(psnr(found.squared_error)).all()


def test_psnr_of_one_standard_deviation_is_that_of_the_data_range():
    assert DATA_RANGE == 8
    assert psnr(np.array([1.0]))[0] == pytest.approx(18.0617997398)
    assert psnr(np.array([0.01]))[0] == pytest.approx(38.0617997398)
