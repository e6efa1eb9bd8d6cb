"""Quantisers of hand-made arrays, against plain loops."""

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.measures.codes.fitting import fit_quantiser
from speckle2vec.measures.codes.names import parse_code
from speckle2vec.measures.codes.quantisers import quantiser

EVERY_KIND = ("float32", "float16", "int8", "int4", "binary", "pq2x5")


def made(name, width, **arrays):
    return quantiser(parse_code(name, width), width, arrays)


def fitted(name, values):
    code = parse_code(name, values.shape[1])
    return quantiser(code, values.shape[1], fit_quantiser(code, values, 0))


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=(600, 8)).astype(np.float32)


@pytest.mark.parametrize(("name", "levels", "size"), [("int8", 255, 7), ("int4", 15, 4)])
def test_an_uneven_number_of_dimensions_comes_back_within_half_a_step(name, levels, size):
    low, wide = np.arange(7) - 3.0, 2.0 ** np.arange(7)
    shares = np.random.default_rng(1).uniform(size=(50, 7))
    asked = (low + shares * wide).astype(np.float32)
    way = made(name, 7, ranges=np.concatenate([low, wide]))
    codes = way.encode(asked)
    assert codes.shape == (50, size)
    assert (np.abs(way.decode(codes) - asked) <= 0.5001 * wide / levels).all()


def test_signs_of_more_rows_than_are_unpacked_together(values):
    levels = np.stack([np.full(8, 0.25), np.arange(8) - 20.0, np.arange(8) + 20.0])[:, :5]
    way = made("binary", 5, levels=levels)
    codes = way.encode(values[:, :5])
    assert codes.shape == (600, 1)
    expected = [[levels[2, at] if one > 0.25 else levels[1, at] for at, one in enumerate(row)]
                for row in values[:, :5].tolist()]  # fmt: skip
    np.testing.assert_array_equal(way.decode(codes), np.array(expected, np.float32))


def test_a_number_at_the_threshold_is_not_above_it():
    way = made("binary", 2, levels=np.array([[1, 1], [-5, -5], [7, 7]]))
    asked = np.array([[1, np.nextafter(np.float32(1), np.float32(2))]], np.float32)
    assert way.decode(way.encode(asked)).tolist() == [[-5, 7]]


@pytest.mark.parametrize(("parts", "bits", "size"), [(3, 5, 2), (2, 7, 2), (5, 6, 4)])
def test_parts_whose_bits_fill_no_byte_are_the_nearest_entries(parts, bits, size):
    random = np.random.default_rng(2)
    books = random.normal(size=(parts, 2**bits, 3)).astype(np.float16)
    asked = random.normal(size=(40, parts * 3)).astype(np.float32)
    way = made(f"pq{parts}x{bits}", parts * 3, codebooks=books)
    codes = way.encode(asked)
    assert codes.shape == (40, size)
    cut = asked.reshape(40, parts, 1, 3)
    nearest = ((cut - books[None].astype(np.float64)) ** 2).sum(axis=3).argmin(axis=2)
    expected = books[np.arange(parts), nearest].reshape(40, -1)
    np.testing.assert_array_equal(way.decode(codes), expected.astype(np.float32))


def test_halves_hold_both_ends_and_nothing_beyond():
    way = made("float16", 2)
    ends = np.array([[65504, -65504]], np.float32)
    np.testing.assert_array_equal(way.decode(way.encode(ends)), ends)
    for beyond in ([[70000, 0]], [[0, -70000]]):
        with pytest.raises(UserError, match="Some numbers lie above 65504, the most that float16"):
            way.encode(np.array(beyond, np.float32))


@pytest.mark.parametrize("name", EVERY_KIND)
def test_no_sample_has_no_code(values, name):
    way = fitted(name, values)
    codes = way.encode(values[:0])
    assert codes.shape == (0, way.encode(values[:1]).shape[1])
    assert way.decode(codes).shape == (0, 8)


@pytest.mark.parametrize("name", EVERY_KIND)
def test_each_row_is_coded_by_itself_however_it_lies_in_memory(values, name):
    way = fitted(name, values)
    codes = way.encode(values)
    np.testing.assert_array_equal(way.encode(np.asfortranarray(values)), codes)
    np.testing.assert_array_equal(way.encode(values[::7]), codes[::7])
    every = way.decode(codes)
    np.testing.assert_array_equal(way.decode(codes[::7]), every[::7])
    np.testing.assert_array_equal(way.decode(np.asfortranarray(codes)), every)
