"""What the simulated images look like in numbers."""

import numpy as np
import pytest
from scipy import stats

from speckle2vec.corpus.simulated.backscatter import draw_backscatter
from speckle2vec.corpus.simulated.fields import World, correlated_noise
from speckle2vec.corpus.simulated.parcels import draw_parcels
from speckle2vec.corpus.simulated.places import Place
from speckle2vec.corpus.simulated.radar_courses import COURSES
from speckle2vec.corpus.simulated.scene import SHIFTS, Scene
from speckle2vec.corpus.simulated.speckle import LOOKS, PSF_SIGMA, gamma_from_normal, speckle
from speckle2vec.corpus.simulated.surfaces import Surface

PUBLISHED_MEAN, PUBLISHED_STD = (-12.577, -20.265), (5.179, 5.872)


def test_speckle_has_its_looks_and_its_correlation() -> None:
    noise = speckle(np.random.default_rng(0), (1200, 1200))
    assert noise.mean() == pytest.approx(1, abs=0.01)
    assert noise.mean() ** 2 / noise.var() == pytest.approx(LOOKS, rel=0.03)
    centred = (noise - noise.mean()) / noise.std()
    for lag in (1, 2, 5):
        expected = np.exp(-(lag**2) / (4 * PSF_SIGMA**2))
        assert (centred[lag:] * centred[:-lag]).mean() == pytest.approx(expected, abs=0.03)
        assert (centred[:, lag:] * centred[:, :-lag]).mean() == pytest.approx(expected, abs=0.03)
    exact = stats.gamma(LOOKS, scale=1 / LOOKS).ppf([0.01, 0.1, 0.5, 0.9, 0.99])
    np.testing.assert_allclose(np.quantile(noise, [0.01, 0.1, 0.5, 0.9, 0.99]), exact, rtol=0.03)


def test_texture_orders_follow_the_gamma_law() -> None:
    normal = np.random.default_rng(1).standard_normal(200_000).astype(np.float32)
    for order in (2.0, 8.0, 25.0):
        texture = gamma_from_normal(normal, order)
        assert texture.mean() == pytest.approx(1, rel=0.01)
        assert texture.var() == pytest.approx(1 / order, rel=0.06)


def test_correlated_noise_is_standard_normal() -> None:
    noise = correlated_noise(np.random.default_rng(2), (900, 900), 2.0)
    assert noise.std() == pytest.approx(1, abs=0.03)


def flat_scene(surface: Surface) -> Scene:
    zero = np.zeros((264, 264), np.float32)
    return Scene(
        code=np.full(zero.shape, 211, np.uint16),
        surface=np.full(zero.shape, surface, np.uint8),
        shift=np.full(zero.shape, SHIFTS // 2, np.uint8),
        vigour=zero, fine=zero, coarse=zero, slope=zero, angle=zero,
    )  # fmt: skip


@pytest.mark.parametrize("surface", [Surface.CONIFER, Surface.SHRUB, Surface.PAVED])
def test_class_means_are_those_of_the_table(
    world: World, places: list[Place], surface: Surface
) -> None:
    scene = flat_scene(surface)
    linear = [10 ** (draw_backscatter(world, p, scene).astype(float) / 10) for p in places[:12]]
    got = 10 * np.log10(np.mean(linear, axis=(1, 3, 4)))
    expected = [np.mean(course) for course in COURSES[surface]]
    np.testing.assert_allclose(got.mean(axis=0), expected, atol=1.3)


def test_polarisations_and_dates_have_speckle_of_their_own(
    world: World, places: list[Place]
) -> None:
    image = draw_backscatter(world, places[3], flat_scene(Surface.WATER)).astype(np.float32)
    residual = image - image.mean(axis=(2, 3), keepdims=True)
    flat = residual.reshape(8, -1)
    correlation = np.corrcoef(flat)
    assert np.abs(correlation[np.triu_indices(8, 1)]).max() < 0.35
    assert np.abs(correlation[[0, 2, 4, 6], [3, 5, 7, 1]]).max() < 0.1


def test_looks_on_open_water(world: World, places: list[Place]) -> None:
    """Small windows hide the slow changes of wind; they also hide some of the variance."""
    image = draw_backscatter(world, places[5], flat_scene(Surface.WATER)).astype(float)
    power = 10 ** (image[:, 1] / 10)
    windows = power[:, :256, :256].reshape(4, 16, 16, 16, 16).swapaxes(2, 3).reshape(-1, 256)
    looks = np.median(windows.mean(axis=1) ** 2 / windows.var(axis=1))
    assert looks == pytest.approx(LOOKS, rel=0.2)


def test_statistics_are_near_the_published_ones(images: np.ndarray) -> None:
    mean, std = images.mean(axis=(0, 1, 3, 4)), images.std(axis=(0, 1, 3, 4))
    np.testing.assert_allclose(mean, PUBLISHED_MEAN, atol=3.0)
    np.testing.assert_allclose(std, PUBLISHED_STD, atol=1.8)


def test_overlapping_places_share_their_parcels(world: World) -> None:
    east, north = np.meshgrid(np.arange(0, 2000, 10.0), np.arange(0, 2000, 10.0))
    here = draw_parcels(world, east + 4.4e6, north + 2.9e6)
    there = draw_parcels(world, east + 4.4e6 + 500, north + 2.9e6)
    same = here.parcel[:, 50:] == there.parcel[:, :-50]
    assert same.mean() > 0.995
    assert 20 < len(np.unique(here.parcel)) < 2000
