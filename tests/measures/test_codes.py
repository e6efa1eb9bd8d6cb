"""Codes against plain loops in float64, faiss apart."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.coder import Coder, fit_coder
from speckle2vec.measures.codes.names import CodeName, parse_code

WIDTH = 32


@pytest.fixture(scope="module")
def values():
    """600 embeddings of uneven dimensions that lie near 8 directions."""
    random = np.random.default_rng(0)
    spread = 2.0 ** -np.arange(8)
    made = random.normal(size=(600, 8)) * spread @ random.normal(size=(8, WIDTH))
    return (made + 0.01 * random.normal(size=made.shape) + np.arange(WIDTH)).astype(np.float32)


def reread(coder):
    """A coder made anew of what a file keeps."""
    return Coder(coder.name, coder.width, coder.arrays)


def error(values, coder):
    found = reread(coder).decode(coder.encode(values))
    assert found.dtype == np.float32
    assert found.shape == values.shape
    return float(((found - values).astype(np.float64) ** 2).mean())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("float16", CodeName(0, "float16", 0, 0)),
        ("pca64-int4", CodeName(64, "int4", 0, 0)),
        ("pq16", CodeName(0, "pq", 16, 8)),
        ("pca32-pq8x4", CodeName(32, "pq", 8, 4)),
    ],
)
def test_names_are_taken_apart(name, expected):
    assert parse_code(name, 1024) == expected


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("int9", "there is no code 'int9'"),
        ("pca0-int8", "there is no code"),
        ("pca2048-int8", "more components than the 1024"),
        ("pca64-pq24", "64 dimensions to 24 parts"),
    ],
)
def test_names_of_no_code_are_said(name, told):
    with pytest.raises(ValueError, match=told):
        parse_code(name, 1024)


@pytest.mark.parametrize(
    ("name", "size"),
    [("float32", 128), ("float16", 64), ("int8", 32), ("int4", 16), ("binary", 4), ("pq8", 8),
     ("pq8x4", 4), ("pca8-float32", 32), ("pca8-int8", 8), ("pca8-pq4", 4)],
)  # fmt: skip
def test_bytes_of_a_sample(values, name, size):
    codes = fit_coder(name, values, 1).encode(values)
    assert (codes.dtype, codes.shape) == (np.uint8, (600, size))


def test_floats_come_back(values):
    assert error(values, fit_coder("float32", values, 1)) == 0
    coder = fit_coder("float16", values, 1)
    found = coder.decode(coder.encode(values))
    np.testing.assert_array_equal(found, found.astype(np.float16))
    nearest = np.abs(values - values.astype(np.float16).astype(np.float32))
    np.testing.assert_array_equal(np.abs(values - found), nearest)  # of two as near, either


@pytest.mark.parametrize(("name", "levels"), [("int8", 255), ("int4", 15)])
def test_steps_are_even_in_the_range_of_each_dimension(values, name, levels):
    coder = fit_coder(name, values, 1)
    low, wide = coder.arrays["ranges"].reshape(2, WIDTH).astype(np.float64)
    found = coder.decode(coder.encode(values))
    step = np.clip(np.trunc((values - low) / wide * levels), 0, levels)
    expected = low + (step + 0.5) / levels * wide
    off = np.abs(found - expected) > 1e-4 * wide
    assert off.mean() < 2e-3  # where a number lies on the edge of two steps
    if name == "int8":
        np.testing.assert_allclose(low, values.min(axis=0), rtol=1e-6)
        np.testing.assert_allclose(low + wide, values.max(axis=0), rtol=1e-6)


def test_numbers_beyond_the_range_take_its_last_step(values):
    coder = fit_coder("int8", values, 1)
    found = coder.decode(coder.encode(values + 1e6))
    np.testing.assert_allclose(found, np.tile(values.max(axis=0), (600, 1)), rtol=0.02, atol=0.1)


def test_bits_stand_for_the_means_of_both_sides(values):
    found = (coder := fit_coder("binary", values, 1)).decode(coder.encode(values))
    for dimension in range(WIDTH):
        column = values[:, dimension].astype(np.float64)
        above = column > np.float32(column.mean())
        expected = np.where(above, column[above].mean(), column[~above].mean())
        np.testing.assert_allclose(found[:, dimension], expected, rtol=1e-5)


def test_a_constant_dimension_stays(values):
    flat = values.copy()
    flat[:, 3] = 7
    for name in ("float16", "int8", "int4", "binary"):
        coder = fit_coder(name, flat, 1)
        np.testing.assert_allclose(coder.decode(coder.encode(flat))[:, 3], 7, rtol=1e-3)


def test_pca_is_that_of_scikit_learn(values):
    coder = fit_coder("pca8-float32", values, 1)
    reference = PCA(8, svd_solver="full").fit(values.astype(np.float64))
    expected = reference.inverse_transform(reference.transform(values.astype(np.float64)))
    np.testing.assert_allclose(coder.decode(coder.encode(values)), expected, atol=1e-4)


def test_rounded_directions_cost_next_to_nothing(values):
    exact = error(values, fit_coder("pca8-float32", values, 1))
    rounded = fit_coder("pca8-int8", values, 1)
    assert rounded.arrays["directions"].dtype == np.int8
    assert error(values, rounded) < 1.5 * exact + 1e-3


def test_each_part_is_the_nearest_entry_of_its_codebook(values):
    coder = fit_coder("pq8x4", values, 1)
    books = coder.arrays["codebooks"].astype(np.float64)
    assert books.shape == (8, 16, 4)
    found = coder.decode(coder.encode(values)).astype(np.float64)
    for part in range(8):
        columns = slice(4 * part, 4 * part + 4)
        far = ((values[:, None, columns] - books[part]) ** 2).sum(axis=2)
        expected = books[part][far.argmin(axis=1)]
        same = np.isclose(found[:, columns], expected, atol=1e-6).all(axis=1)
        assert same.mean() > 0.99  # ties aside


def test_more_bits_lose_less(values):
    errors = [error(values, fit_coder(name, values, 1))
              for name in ("float16", "int8", "int4", "binary")]  # fmt: skip
    assert errors == sorted(errors)


def test_the_same_seed_gives_the_same_codebook(values):
    first, again = (fit_coder("pca16-pq8x4", values, 5).arrays for _ in range(2))
    for name, array in first.items():
        assert array.tobytes() == again[name].tobytes()
    other = fit_coder("pca16-pq8x4", values, 6).arrays["codebooks"]
    assert other.tobytes() != first["codebooks"].tobytes()


def test_nan_is_a_sentence(values):
    broken = values.copy()
    broken[3, 4] = np.nan
    with pytest.raises(UserError, match="1 of 600 embeddings are not finite"):
        fit_coder("int8", broken, 1)


def test_too_few_samples_are_a_sentence(values):
    with pytest.raises(UserError, match="codebook of 256 entries needs as many training samples, "):
        fit_coder("pq8", values[:255], 1)
    with pytest.raises(UserError, match="PCA to 8 dimensions needs more than 8 training samples"):
        fit_coder("pca8-int8", values[:8], 1)


def test_numbers_that_float16_cannot_hold_are_a_sentence(values):
    coder = fit_coder("float16", values, 1)
    with pytest.raises(UserError, match="the most that float16 holds"):
        coder.encode(values * 1e5)
