"""What quantisers learn, against what may not be worse and what is known by hand."""

import numpy as np
import pytest

from speckle2vec.measures.codes.fitting import RANGE_SAMPLES, fit_quantiser
from speckle2vec.measures.codes.names import parse_code
from speckle2vec.measures.codes.quantisers import quantiser


def learned(name, values):
    return fit_quantiser(parse_code(name, values.shape[1]), values, 3)


def error(name, values, arrays):
    """Mean squared error of what a code gives back, float64."""
    way = quantiser(parse_code(name, values.shape[1]), values.shape[1], arrays)
    return np.square(way.decode(way.encode(values)).astype(np.float64) - values).mean()


def ends(values):
    return {"ranges": np.concatenate([values.min(axis=0), np.ptp(values, axis=0)])}


@pytest.mark.parametrize("row", [0, 4095, 4999])
@pytest.mark.parametrize("name", ["int8", "int4"])
def test_a_dimension_that_one_sample_alone_uses_has_a_range(name, row):
    values = np.zeros((5000, 2), np.float32)
    values[row] = 1
    arrays = learned(name, values)
    assert np.isfinite(arrays["ranges"]).all()
    assert error(name, values, arrays) < 0.01


def test_a_sample_that_the_search_of_ranges_skips_leaves_them_finite():
    count = RANGE_SAMPLES + 1000
    chosen = np.linspace(0, count - 1, RANGE_SAMPLES).astype(int)
    skipped = np.setdiff1d(np.arange(count), chosen)[0]
    values = np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)
    values[:, 1] = 0
    values[skipped, 1] = 1
    assert np.isfinite(learned("int4", values)["ranges"]).all()
    values[skipped, 0] = 100
    low, wide = learned("int8", values)["ranges"].reshape(2, 2)
    assert low[0] + wide[0] == pytest.approx(100)


@pytest.mark.parametrize(("mean", "spread"), [(0, 1), (0, 1e-6), (1, 0.03), (-1, 0.01), (100, 0.1)])
def test_the_range_of_least_error_loses_no_more_than_the_ends(mean, spread):
    random = np.random.default_rng(1)
    values = (mean + spread * random.normal(size=(2000, 4))).astype(np.float32)
    assert error("int4", values, learned("int4", values)) < error("int4", values, ends(values))


def test_a_single_sample_comes_back():
    values = np.array([[3, -7, 0, 1e-3]], np.float32)
    for name in ("int8", "int4", "binary"):
        assert error(name, values, learned(name, values)) == 0


def test_the_two_sides_of_neighbouring_numbers_and_of_an_only_one():
    one, next_one = np.float32(0.1), np.nextafter(np.float32(0.1), np.float32(1))
    values = np.array([[one, 5], [next_one, 5], [next_one, 5]], np.float32)
    levels = learned("binary", values)["levels"]
    assert np.isfinite(levels).all()
    assert levels[1:, 1].tolist() == [5, 5]
    assert (levels[1:, 0] >= one).all()
    assert (levels[1:, 0] <= next_one).all()


def test_a_codebook_with_an_entry_for_every_sample_holds_them_all():
    values = np.random.default_rng(2).permutation(128).reshape(16, 8).astype(np.float32)
    books = learned("pq2x4", values)["codebooks"]
    for part in range(2):
        columns = values[:, 4 * part : 4 * part + 4]
        assert sorted(books[part].tolist()) == sorted(columns.tolist())


def test_entries_beyond_float16_end_at_its_greatest():
    values = np.random.default_rng(3).normal(size=(64, 4)).astype(np.float32) * 1e6
    books = learned("pq2x4", values)["codebooks"]
    assert books.dtype == np.float16
    assert np.abs(books).max() == 65504
