"""Images of fewer pixels: the bytes they take, and means by hand."""

import numpy as np
import pytest
from drawn_images import land

from speckle2vec.evaluate.reconstruction.smaller import REACH, restored, side_within, smaller
from speckle2vec.evaluate.reconstruction.ways import others


@pytest.mark.parametrize(
    ("most", "features", "each", "expected"),
    [(1024, 12, 1, 9), (1024, 12, 2, 6), (12, 12, 1, 1), (11, 12, 1, 0), (10**6, 12, 1, 64)],
)
def test_the_side_is_the_largest_within_the_bytes(most, features, each, expected):
    assert side_within(most, features, each, 64) == expected
    assert features * each * expected**2 <= most or expected == 64


def test_pixels_are_means_over_areas():
    image = land(features=2)[0]
    expected = image.reshape(2, 8, 8, 8, 8).mean(axis=(2, 4))
    np.testing.assert_allclose(smaller(image, 8, "float16"), expected, atol=2e-3)
    found = smaller(image, 8, "int8")
    assert found.dtype == np.int8
    assert found.nbytes == 2 * 8 * 8
    np.testing.assert_allclose(found * REACH / 127, expected, atol=REACH / 127 / 2 + 1e-6)


@pytest.mark.parametrize("dtype", ["int8", "float16"])
def test_even_images_come_back_and_smooth_ones_nearly(dtype):
    even = np.full((2, 64, 64), -16 * 20 / 127, np.float32)
    np.testing.assert_allclose(restored(smaller(even, 5, dtype), 64), even, atol=1e-3)
    ramp = np.tile(np.linspace(-2, 2, 64, dtype=np.float32), (1, 64, 1))
    inner = (0, slice(None), slice(8, -8))
    np.testing.assert_allclose(restored(smaller(ramp, 16, dtype), 64)[inner], ramp[inner], atol=0.1)


def test_every_way_keeps_within_its_bytes_or_says_the_fewest():
    image = land(features=12)[0]
    for most in (4096, 1024, 300):
        found = {one.way: one for one in others(image, most)}
        assert set(found) == {"jpeg2000", "downsampled-int8", "downsampled-float16", "mean"}
        assert all(one.bytes <= most and one.image is not None for one in found.values())
        assert found["mean"].bytes == 0
        assert not found["mean"].image.any()
    few = {one.way: one for one in others(image, 11)}
    assert all(few[way].image is None for way in few if way != "mean")
    assert (few["downsampled-int8"].bytes, few["downsampled-float16"].bytes) == (12, 24)
    assert few["jpeg2000"].bytes > 11
