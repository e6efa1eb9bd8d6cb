import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.transform import resize as resize_by_skimage

from speckle2vec.preprocess.resizing import resize, resize_matrix


def by_skimage(image, size):
    return resize_by_skimage(
        image.astype(np.float64), (size, size), order=1, mode="reflect", preserve_range=True,
        anti_aliasing=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((264, 264), 64), ((100, 100), 64), ((32, 32), 64), ((64, 64), 64), ((512, 512), 64),
        ((65, 63), 64), ((77, 301), 64), ((264, 264), 32), ((50, 50), 128), ((33, 200), 70),
    ],
)  # fmt: skip
def test_maps_are_resized_as_by_skimage(shape, size):
    maps = np.random.default_rng(0).normal(-12, 5, (3, *shape)).astype(np.float32)
    expected = np.stack([by_skimage(image, size) for image in maps])
    found = resize(maps, size)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5)


@settings(max_examples=25, deadline=None)
@given(
    shape=st.tuples(st.integers(2, 150), st.integers(2, 150)),
    size=st.integers(32, 80),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_shape_is_resized_as_by_skimage(shape, size, seed):
    image = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    np.testing.assert_allclose(resize(image[None], size)[0], by_skimage(image, size), atol=1e-5)


@given(length=st.integers(2, 300), size=st.integers(32, 80))
@settings(max_examples=25, deadline=None)
def test_a_constant_stays_constant(length, size):
    np.testing.assert_allclose(resize_matrix(length, size).sum(axis=1), 1, atol=1e-5)


@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(-3, 3))
@settings(max_examples=20, deadline=None)
def test_resizing_is_linear(seed, factor):
    one, other = np.random.default_rng(seed).normal(size=(2, 1, 70, 45)).astype(np.float32)
    together = resize(one + np.float32(factor) * other, 64)
    apart = resize(one, 64) + np.float32(factor) * resize(other, 64)
    np.testing.assert_allclose(together, apart, atol=1e-4)
