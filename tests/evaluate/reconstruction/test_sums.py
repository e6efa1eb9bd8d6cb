"""Scores of one way on every draw, against samples that are repeated one by one."""

import math

import numpy as np
import pyarrow as pa
import pytest

from speckle2vec.evaluate.reconstruction.sums import no_sums, sums_of

BLOCKS = ["b", "a", "c", "b", "b", "a"]
COUNTS = np.array([[1, 1, 1], [3, 0, 0], [0, 2, 1], [0, 0, 3]])


def table(error, ssim, way="decoder", code="int8", kept=None, blocks=BLOCKS):
    count = len(error)
    return pa.table({
        "code": [code] * count, "way": [way] * count, "block": blocks[:count],
        "bytes": [10] * count if kept is None else kept,
        "squared_error": error, "ssim": ssim,
    })  # fmt: skip


def about(*deviations):
    return {"bytes": {"int8": 12, "int4": 6}, "deviations": list(deviations)}


@pytest.fixture
def scores():
    random = np.random.default_rng(0)
    return random.uniform(0.1, 1, (6, 2)), random.uniform(-1, 1, (6, 2))


def repeated(values, row):
    """Values of the samples of the blocks that a draw holds, each as often as it is drawn."""
    names = sorted(set(BLOCKS))
    return np.concatenate([values[at : at + 1] for at, block in enumerate(BLOCKS)
                           for _ in range(row[names.index(block)])])  # fmt: skip


def test_every_draw_is_the_mean_over_its_samples(scores):
    error, ssim = scores
    found = sums_of(table(error.tolist(), ssim.tolist()), about(1, 2), "int8", "decoder", COUNTS)
    assert (found.samples, found.blocks, found.bytes) == (6, 3, 10)
    for draw, row in enumerate([[1, 1, 1], *COUNTS.tolist()]):
        drawn = repeated(error, row).mean(axis=0)
        np.testing.assert_allclose(found.squared_error[draw], [drawn.mean(), *drawn])
        expected = 10 * np.log10(64 / np.array([drawn.mean(), *drawn]))
        np.testing.assert_allclose(found.psnr[draw], expected)
        drawn = repeated(ssim, row).mean(axis=0)
        np.testing.assert_allclose(found.ssim[draw], [drawn.mean(), *drawn])


def test_other_ways_and_codes_and_the_order_of_rows_change_nothing(scores):
    error, ssim = scores[0].tolist(), scores[1].tolist()
    alone = table(error, ssim)
    order = np.random.default_rng(1).permutation(18)
    mixed = pa.concat_tables([
        alone, table(error[::-1], ssim, way="mean", kept=[99] * 6),
        table(ssim, error, code="int4"),
    ]).take(pa.array(order))  # fmt: skip
    one, other = (sums_of(each, about(1, 2), "int8", "decoder", COUNTS) for each in (alone, mixed))
    np.testing.assert_allclose(one.squared_error, other.squared_error)
    np.testing.assert_allclose(one.ssim, other.ssim)


def test_a_constant_feature_has_no_score_and_shifts_no_mean(scores):
    error, ssim = scores
    beside = np.insert(error, 1, [math.inf, math.nan, 5, 0, 1, 2], axis=1).tolist()
    found = sums_of(table(beside, np.insert(ssim, 1, 9, axis=1).tolist()), about(1, 0, 2), "int8",
                    "decoder", COUNTS)  # fmt: skip
    expected = sums_of(table(error.tolist(), ssim.tolist()), about(1, 2), "int8", "decoder", COUNTS)
    for name in ("squared_error", "psnr", "ssim"):
        scored = getattr(found, name)
        assert np.isnan(scored[:, 2]).all()
        np.testing.assert_array_equal(np.delete(scored, 2, axis=1), getattr(expected, name))


def test_images_without_any_error_have_an_infinite_psnr():
    found = sums_of(table([[0.0]] * 6, [[1.0]] * 6), about(1), "int8", "decoder", COUNTS)
    assert np.isposinf(found.psnr).all()
    assert (found.ssim == 1).all()


def test_as_many_bytes_as_allowed_are_kept_and_one_more_is_a_reason(scores):
    error, ssim = scores[0].tolist(), scores[1].tolist()
    kept = [12, 11, 12, 12, 12, 10]
    found = sums_of(table(error, ssim, kept=kept), about(1, 2), "int8", "decoder", COUNTS)
    assert not no_sums(found)
    assert found.bytes == pytest.approx(11.5)
    nothing = [None] * 6
    found = sums_of(table(nothing, nothing, kept=[12, 13, 1, 20, 1, 1]), about(1, 2), "int8",
                    "decoder", COUNTS)  # fmt: skip
    assert no_sums(found)
    assert found.reason == ("2 of 6 samples cannot be kept in 12 bytes; the fewest they take are "
                            "13 to 20")  # fmt: skip
