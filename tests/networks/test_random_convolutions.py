import numpy as np
import torch
from scipy.ndimage import correlate

from speckle2vec.networks import random_convolutions
from speckle2vec.networks.registry import build_encoder


def cubes_of(samples, channels=3):
    return torch.randn(samples, channels, 32, 64, generator=torch.Generator().manual_seed(1))


def test_equals_filters_of_scipy():
    encoder = build_encoder("random-convolutions", 3, {}, 0)
    cubes = cubes_of(2)
    found = encoder(cubes).numpy()
    filters = encoder.filters.double().numpy()
    for chosen in (0, 100, 511):
        for sample, image in enumerate(cubes.double().numpy()):
            response = sum(
                correlate(channel, part, mode="nearest")
                for channel, part in zip(image, filters[chosen], strict=True)
            )
            expected = np.maximum(response, 0).mean(), np.maximum(-response, 0).mean()
            np.testing.assert_allclose(found[sample, [chosen, 512 + chosen]], expected, rtol=1e-4)


def test_white_pixels_give_responses_of_variance_one():
    """Half of the square of a response is on each side, so the means square to 1 / (2 pi)."""
    found = build_encoder("random-convolutions", 14, {}, 0)(cubes_of(4, 14))
    assert abs(found.mean().item() * np.sqrt(2 * np.pi) - 1) < 0.02


def test_the_map_holds_the_means_of_squares():
    encoder = build_encoder("random-convolutions", 3, {}, 0)
    cubes = cubes_of(1)
    maps = encoder.feature_map(cubes)
    assert maps.shape == (1, 1024, 2, 4)
    torch.testing.assert_close(maps.mean(dim=(2, 3)), encoder(cubes))


def test_pieces_make_no_difference(monkeypatch):
    encoder = build_encoder("random-convolutions", 3, {}, 0)
    cubes = cubes_of(5)
    whole = encoder(cubes)
    monkeypatch.setattr(random_convolutions, "PIECE_BYTES", 1)
    torch.testing.assert_close(encoder(cubes), whole)


def test_another_seed_draws_other_filters():
    first, other = (build_encoder("random-convolutions", 3, {}, seed) for seed in (0, 1))
    assert not torch.equal(first.filters, other.filters)
