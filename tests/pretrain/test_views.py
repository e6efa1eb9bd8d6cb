import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from speckle2vec.pretrain.views import sar_view
from speckle2vec.settings.methods import SarViews
from speckle2vec.training.draws import Draws

OFF = {
    "smallest_crop": 1.0, "flip": False, "quarter_turns": False, "speckle": 0.0,
    "channel_dropout": 0.0, "gain": 0.0,
}  # fmt: skip


def draws_of(samples, seed=0):
    return Draws(torch.Generator().manual_seed(seed), samples, slice(0, samples))


def view(cubes, seed=0, **chosen):
    return sar_view(cubes, SarViews(**{**OFF, **chosen}), draws_of(len(cubes), seed))


@pytest.fixture
def cubes():
    return torch.randn(64, 3, 16, 16, generator=torch.Generator().manual_seed(1))


def test_with_all_off_a_view_is_the_sample(cubes):
    torch.testing.assert_close(view(cubes), cubes, atol=1e-5, rtol=0)


def test_the_samples_are_not_changed(cubes):
    before = cubes.clone()
    view(cubes, speckle=1.0, channel_dropout=0.5, gain=1.0, flip=True)
    assert torch.equal(cubes, before)


def test_flips_and_turns_are_exactly_the_eight_of_the_square(cubes):
    seen = set()
    for sample, turned in zip(cubes, view(cubes, flip=True, quarter_turns=True), strict=True):
        eight = [
            torch.rot90(image, turns, (1, 2))
            for image, turns in itertools.product((sample, sample.flip(2)), range(4))
        ]
        distances = torch.stack([(image - turned).abs().max() for image in eight])
        assert distances.min() < 1e-4
        seen.add(int(distances.argmin()))
    assert seen == set(range(8))


def test_a_crop_shows_a_square_piece_enlarged():
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    cropped = view(torch.stack([y, x]).repeat(200, 1, 1, 1), smallest_crop=0.5)
    inner = cropped[:, :, 2:-2, 2:-2]
    down, across = inner[:, 0].diff(dim=1), inner[:, 1].diff(dim=2)
    side = down.mean(dim=(1, 2))
    torch.testing.assert_close(down, side[:, None, None].expand_as(down), atol=1e-3, rtol=0)
    torch.testing.assert_close(across.mean(dim=(1, 2)), side, atol=1e-4, rtol=0)
    assert 0.5 <= side.min() < 0.55
    assert 0.95 < side.max() <= 1.0
    assert cropped.min() >= 0
    assert cropped.max() <= 31


def test_noise_has_the_deviation_of_the_setting():
    noise = view(torch.zeros(16, 4, 64, 64), speckle=0.3)
    assert noise.std() == pytest.approx(0.3, rel=0.01)
    assert noise.mean() == pytest.approx(0, abs=0.01)


def test_features_are_dropped_whole_and_a_sample_at_a_time():
    kept = view(torch.ones(500, 10, 4, 4), channel_dropout=0.2)
    a_feature = kept.flatten(2)
    assert torch.equal(a_feature.amin(2), a_feature.amax(2))
    assert (kept == 0).float().mean() == pytest.approx(0.2, abs=0.02)
    assert len({tuple(sample.tolist()) for sample in a_feature[:, :, 0]}) > 100


def test_the_level_moves_once_a_sample():
    shifted = view(torch.zeros(4000, 2, 2, 2), gain=0.05).flatten(1)
    torch.testing.assert_close(shifted.amin(1), shifted.amax(1))
    assert shifted[:, 0].std() == pytest.approx(0.05, rel=0.05)


def test_a_view_follows_its_generator_alone(cubes):
    everything = {"smallest_crop": 0.5, "flip": True, "quarter_turns": True, "speckle": 0.1}
    first = view(cubes, seed=5, **everything)
    torch.manual_seed(99)
    assert torch.equal(first, view(cubes, seed=5, **everything))
    assert not torch.equal(first, view(cubes, seed=6, **everything))


def test_the_default_keeps_the_level_of_a_sample():
    levels = torch.linspace(-3, 3, 200)[:, None, None, None].expand(-1, 12, 16, 16)
    seen = sar_view(levels, SarViews(channel_dropout=0.0), draws_of(200))
    assert (seen.mean(dim=(1, 2, 3)) - levels[:, 0, 0, 0]).abs().max() < 0.25


def test_noise_is_even_and_a_ranks_part_is_that_of_the_whole_batchs():
    whole = draws_of(32).noise(3, 40, 41)
    assert whole.shape == (32, 3, 40, 41)
    counts = torch.histc(whole, bins=8, min=-(3**0.5), max=3**0.5)
    assert counts.sum() == whole.numel()
    torch.testing.assert_close(counts / whole.numel(), torch.full((8,), 1 / 8), atol=0.01, rtol=0)
    neighbours = (whole[:, :, :, 1:] * whole[:, :, :, :-1]).mean()
    assert neighbours == pytest.approx(0, abs=0.02)
    part = Draws(torch.Generator().manual_seed(0), 32, slice(8, 16)).noise(3, 40, 41)
    assert torch.equal(part, whole[8:16])


@settings(max_examples=40, deadline=None)
@given(
    cropped=st.floats(0.2, 1), flip=st.booleans(), turn=st.booleans(), seed=st.integers(0, 10**6)
)
def test_crops_flips_and_turns_equal_a_loop_over_samples(cropped, flip, turn, seed):
    samples, side = 5, 12
    cubes = torch.randn(samples, 2, side, side, generator=torch.Generator().manual_seed(seed))
    seen = view(cubes, seed, smallest_crop=cropped, flip=flip, quarter_turns=turn)
    expected = plain_placed(
        cubes.numpy().astype(np.float64), draws_of(samples, seed), cropped, flip, turn
    )
    np.testing.assert_allclose(seen.numpy(), expected, atol=2e-4, rtol=0)


def plain_placed(cubes, draws, cropped, flip, turn):
    """Each sample by scipy: first mirrored and turned as read, then cut out, bilinear."""
    drawn, share, middle = (draws.uniform(count).numpy().astype(np.float64) for count in (3, 1, 2))
    side = cubes.shape[-1]
    pixels = (np.arange(side) * 2 + 1) / side - 1
    views = np.empty_like(cubes)
    for i, cube in enumerate(cubes):
        size = cropped + share[i, 0] * (1 - cropped)
        across, down = (2 * middle[i] - 1) * (1 - size)
        y, x = np.meshgrid(pixels, pixels, indexing="ij")
        for _ in range(int(drawn[i, 2] * 4) if turn else 0):
            x, y = -y, x
        if flip:
            x, y = (-x if drawn[i, 0] < 0.5 else x), (-y if drawn[i, 1] < 0.5 else y)
        places = [((size * c + m + 1) * side - 1) / 2 for c, m in ((y, down), (x, across))]
        for feature, image in enumerate(cube):
            views[i, feature] = ndimage.map_coordinates(image, places, order=1, mode="nearest")
    return views
