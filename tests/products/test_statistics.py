import json
from dataclasses import replace

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.statistics import (
    Statistics,
    normalise,
    read_statistics,
    write_statistics,
)

STATISTICS = Statistics(
    features=("vv_mean", "vv_std"),
    units={"vv_mean": "dB", "vv_std": "dB"},
    calibration="sigma0",
    count=(4096.0, 4096.0),
    mean=(-12.1, 1 / 3),
    std=(4.7, 0.0),
    fingerprint="ab" * 32,
)


def test_statistics_come_back_to_the_last_digit(tmp_path):
    path = tmp_path / "results" / "sar-temporal.json"
    write_statistics(STATISTICS, path)
    assert read_statistics(path) == STATISTICS


def test_equal_statistics_are_equal_bytes_with_sorted_keys(tmp_path):
    other_order = replace(STATISTICS, units=dict(reversed(STATISTICS.units.items())))
    write_statistics(STATISTICS, tmp_path / "a.json")
    write_statistics(other_order, tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    keys = list(json.loads((tmp_path / "a.json").read_text()))
    assert keys == sorted(keys)


def test_a_constant_feature_normalises_to_zero():
    mean, factor = STATISTICS.scale()
    normalised = (np.array([-12.1 + 4.7, 17.0]) - mean) * factor
    np.testing.assert_allclose(normalised, [1.0, 0.0], atol=1e-12)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"features": ["a"]}'])
def test_a_damaged_file_is_told_by_name(tmp_path, text):
    path = tmp_path / "sar-temporal.json"
    path.write_text(text)
    with pytest.raises(UserError, match=r"sar-temporal\.json: is missing or damaged .* remove it"):
        read_statistics(path)


def test_a_missing_file_is_told_by_name(tmp_path):
    with pytest.raises(UserError, match=r"absent\.json: is missing or damaged"):
        read_statistics(tmp_path / "absent.json")


def test_normalising_a_constant_feature_and_missing_pixels():
    cubes = np.full((1, 2, 2, 2), -12.1 + 2 * 4.7, np.float32)
    cubes[0, :, 0, 0], cubes[0, :, 0, 1] = np.nan, np.inf
    values = normalise(cubes, STATISTICS)
    np.testing.assert_allclose(values[0, 0], [[0, 0], [2, 2]], rtol=1e-5)
    np.testing.assert_array_equal(values[0, 1], np.zeros((2, 2)))
    assert values.dtype == np.float32
    assert np.isnan(cubes).sum() == 2
