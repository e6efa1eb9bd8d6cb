"""Files of JPEG 2000: never above the bytes allowed, and what others read in them."""

import warnings

import cv2
import numpy as np
import pytest
from drawn_images import land

from speckle2vec.evaluate.reconstruction.jpeg2000 import REACH, image_of, largest_file

SOC_SIZ = b"\xff\x4f\xff\x51"
"""A codestream begins so, ISO/IEC 15444-1 annex A."""


@pytest.mark.parametrize("most", [300, 1000, 4096, 9000])
def test_no_image_is_above_its_bytes_and_few_stay_far_below(most):
    for number in range(4):
        image = land(seed=number, features=12)[0] * (number + 1) + number
        file = largest_file(image, most)
        assert 0.9 * most < len(file) <= most
        assert file[:4] == SOC_SIZ
        assert image_of(file).shape == image.shape


def test_more_bytes_are_more_like_the_original():
    image = land()[0]
    errors = [
        np.square(image_of(largest_file(image, most)) - image).mean()
        for most in (200, 400, 1000, 3000, 20_000)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] < image.var()
    assert errors[-1] < 1e-4


def test_another_reader_sees_the_same_numbers():
    image = land(features=1)[0]
    file = largest_file(image, 800)
    levels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    expected = (levels / 65535 * 2 - 1) * REACH
    np.testing.assert_allclose(image_of(file)[0], expected, atol=1e-5)


def test_where_no_file_is_so_small_the_smallest_is_given():
    image = land(features=12)[0]
    file = largest_file(image, 100)
    assert 100 < len(file) < 300
    assert len(file) <= len(largest_file(image, 350))


def test_what_no_level_holds_is_cut_off_and_nothing_is_warned_of():
    image = np.full((1, 16, 16), 40, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = image_of(largest_file(image, 10_000))
    np.testing.assert_allclose(found, REACH, atol=0.01)


def test_equal_images_are_equal_bytes():
    first, second = (largest_file(land(seed=3)[0], 700) for _ in range(2))
    assert first == second
