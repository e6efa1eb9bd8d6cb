import numpy as np
import pytest
import torch
from scipy import stats

from speckle2vec.errors import UserError
from speckle2vec.networks.pixel_statistics import QUANTILES, quantiles
from speckle2vec.networks.registry import build_encoder


def embed(cubes):
    encoder = build_encoder("pixel-statistics", cubes.shape[1], {}, 0)
    return encoder(torch.from_numpy(cubes)).numpy()


def reference(cubes):
    """The documented list, sample by sample, by NumPy and SciPy in float64."""
    rows = []
    for pixels in cubes.astype(np.float64).reshape(*cubes.shape[:2], -1):
        matrix = np.corrcoef(pixels)
        pairs = [matrix[a, b] for a in range(len(pixels)) for b in range(a + 1, len(pixels))]
        moments = [pixels.mean(1), pixels.std(1), stats.skew(pixels, axis=1)]
        rows.append(
            np.concatenate([*moments, np.quantile(pixels, QUANTILES, axis=1).T.flat, pairs])
        )
    return np.array(rows)


def test_equals_the_documented_list():
    random = np.random.default_rng(0)
    cubes = random.gamma(2, 1.5, (3, 4, 32, 64)).astype(np.float32)
    cubes[:, 1] += 0.5 * cubes[:, 0]
    expected = reference(cubes)
    found = embed(cubes)
    np.testing.assert_allclose(found[:, : expected.shape[1]], expected, rtol=1e-4, atol=1e-4)
    assert not found[:, expected.shape[1] :].any()


@pytest.mark.parametrize(("channels", "numbers"), [(12, 210), (14, 259), (33, 924)])
def test_how_many_numbers_that_is(channels, numbers):
    cubes = np.random.default_rng(1).normal(size=(2, channels, 32, 32)).astype(np.float32)
    assert (embed(cubes) != 0).any(axis=0).sum() == numbers


def test_a_constant_feature_is_finite():
    cubes = np.random.default_rng(2).normal(size=(2, 3, 32, 32)).astype(np.float32)
    cubes[:, 1] = 0
    found = embed(cubes)
    assert np.isfinite(found).all()
    assert not found[:, [1, 4, 7]].any()
    assert not found[:, [36, 38]].any()
    assert found[:, 37].all()


def test_pixels_do_not_know_their_places():
    cubes = np.random.default_rng(3).normal(size=(1, 3, 32, 32)).astype(np.float32)
    order = np.random.default_rng(4).permutation(32 * 32)
    shuffled = cubes.reshape(1, 3, -1)[:, :, order].reshape(cubes.shape)
    np.testing.assert_allclose(embed(cubes), embed(shuffled), atol=1e-5)


def test_quantiles_of_more_values_than_torch_takes_at_once():
    pixels = torch.arange(17.0).flip(0)[None, None].expand(1_000_001, 1, 17)
    assert pixels.numel() > 2**24
    expected = np.quantile(np.arange(17.0), QUANTILES)
    np.testing.assert_allclose(quantiles(pixels)[-1, 0].numpy(), expected, rtol=1e-6)


def test_too_many_features_are_a_sentence():
    with pytest.raises(UserError, match=r"room for 33 features and the cubes have 34; use"):
        build_encoder("pixel-statistics", 34, {}, 0)
