"""Sentinel-2 L2A reflectance of a scene, with clouds, shadows and their mask.

Every surface is a mixture of a few spectra whose shares follow the season. The spectra
are typical round values, drawn by hand after the shapes of green and dry plants, soil,
rock, roofs and water in the ECOSTRESS library (Meerdink et al. 2019, Remote Sensing of
Environment 230) and PROSAIL (Jacquemoud et al. 2009, same journal 113), at the bands of
Drusch et al. (2012, same journal 120). Shares of green imitate the crop calendars of
Veloso et al. (2017).
"""

import cv2
import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.simulated.fields import FloatArray, World, correlated_noise
from speckle2vec.corpus.simulated.places import DATES, SIDE, Place
from speckle2vec.corpus.simulated.scene import SHIFT_DAYS, SHIFTS, Scene
from speckle2vec.corpus.simulated.surfaces import Surface

BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
CLEAR, THICK_CLOUD, THIN_CLOUD, SHADOW = 0, 1, 2, 3

_SPREAD = {10.0: (), 20.0: (4, 5, 6, 8, 10, 11), 60.0: (0, 9)}
SPECTRA: dict[str, tuple[int, ...]] = {
    "leaf": (250, 300, 600, 400, 900, 2900, 3700, 3900, 4100, 4000, 2000, 950),
    "broadleaf": (180, 220, 420, 260, 700, 2300, 3000, 3200, 3400, 3300, 1600, 700),
    "needle": (150, 180, 300, 200, 450, 1200, 1550, 1650, 1750, 1800, 850, 350),
    "dry": (500, 700, 1050, 1500, 1850, 2100, 2300, 2500, 2700, 2800, 3600, 2700),
    "soil": (600, 800, 1150, 1550, 1800, 1950, 2100, 2300, 2450, 2550, 3300, 2900),
    "rock": (1100, 1350, 1700, 2000, 2150, 2250, 2350, 2450, 2550, 2550, 2900, 2600),
    "roof": (850, 1050, 1250, 1500, 1650, 1750, 1850, 1950, 2050, 2050, 2250, 2050),
    "road": (700, 800, 950, 1050, 1150, 1200, 1250, 1300, 1350, 1350, 1500, 1400),
    "water": (420, 400, 340, 210, 170, 120, 110, 90, 80, 70, 40, 30),
}
"""Reflectance x 10000 in the twelve bands."""
_CLOUD = np.array((6300, 6400, 6400, 6600, 6700, 6900, 7000, 7100, 7200, 6000, 5000, 3900))
_NAMES = tuple(SPECTRA)

_S = Surface
_YEAR = tuple[float, ...]
GREEN: dict[Surface, tuple[_YEAR, str, str]] = {
    _S.CEREAL: ((0.3, 0.35, 0.55, 0.8, 0.9, 0.6, 0.15, 0.1, 0.1, 0.1, 0.2, 0.3), "leaf", "soil"),
    _S.RAPESEED: ((0.5, 0.5, 0.6, 0.8, 0.85, 0.7, 0.2, 0.1, 0.2, 0.4, 0.5, 0.5), "leaf", "soil"),
    _S.MAIZE: ((0.05, 0.05, 0.05, 0.05, 0.15, 0.5, 0.9, 0.9, 0.6, 0.2, 0.1, 0.05), "leaf", "soil"),
    _S.ROOT_CROP: (
        (0.05, 0.05, 0.05, 0.1, 0.3, 0.75, 0.95, 0.95, 0.9, 0.7, 0.2, 0.05), "leaf", "soil",
    ),
    _S.GRASS: ((0.5, 0.5, 0.55, 0.7, 0.85, 0.8, 0.7, 0.65, 0.65, 0.65, 0.6, 0.5), "leaf", "dry"),
    _S.VINEYARD: (
        (0.1, 0.1, 0.15, 0.2, 0.35, 0.5, 0.55, 0.55, 0.5, 0.3, 0.15, 0.1), "leaf", "soil",
    ),
    _S.BROADLEAF: (
        (0.15, 0.15, 0.2, 0.4, 0.9, 1.0, 1.0, 0.95, 0.85, 0.6, 0.25, 0.15), "broadleaf", "road",
    ),
    _S.CONIFER: ((0.9,) * 12, "needle", "road"),
    _S.SHRUB: (
        (0.35, 0.35, 0.4, 0.5, 0.6, 0.65, 0.6, 0.6, 0.55, 0.5, 0.4, 0.35), "broadleaf", "dry",
    ),
    _S.BARE: ((0.05,) * 12, "leaf", "rock"),
    _S.ROOF: ((0.05,) * 12, "leaf", "roof"),
    _S.PAVED: ((0.05,) * 12, "leaf", "road"),
    _S.GARDEN: ((0.4, 0.4, 0.45, 0.55, 0.7, 0.7, 0.65, 0.6, 0.6, 0.55, 0.45, 0.4), "leaf", "roof"),
    _S.REED: ((0.2, 0.2, 0.25, 0.35, 0.55, 0.7, 0.7, 0.7, 0.6, 0.4, 0.25, 0.2), "broadleaf", "dry"),
    _S.BOG: (
        (0.25, 0.25, 0.3, 0.35, 0.5, 0.55, 0.5, 0.5, 0.45, 0.35, 0.3, 0.25), "broadleaf", "dry",
    ),
    _S.WATER: ((0.0,) * 12, "leaf", "water"),
}  # fmt: skip
"""Share of the first spectrum from January to December; the second fills the rest."""


def draw_reflectance(
    world: World, place: Place, scene: Scene, days: tuple[np.datetime64, ...]
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint8]]:
    """Optical images of a place and their cloud masks.

    Args:
        world: The world the place belongs to.
        place: The place.
        scene: Its ground.
        days: The day of each image.

    Returns:
        Reflectance x 10000 without offset (date, band, y, x), and the mask (date, y, x):
        0 clear, 1 thick cloud, 2 thin cloud, 3 cloud shadow.
    """
    random = world.generator("reflectance", place.shard, place.row)
    brightness = 1 + 0.05 * scene.coarse + _shade(scene)
    images = np.empty((DATES, len(BANDS), SIDE, SIDE), np.int16)
    masks = np.empty((DATES, SIDE, SIDE), np.uint8)
    level = 1 + 0.06 * random.standard_normal((len(Surface), 1, len(BANDS)))
    for date in range(DATES):
        clear = _ground(scene, days[date], level) * brightness * np.float32(random.normal(1, 0.03))
        opacity, shadow = _clouds(random)
        for band in range(len(BANDS)):
            image = _through(clear[band], opacity, shadow, float(_CLOUD[band]))
            noise = 12 * random.standard_normal((SIDE, SIDE), np.float32)
            images[date, band] = np.clip(np.rint(_sensor(image, band) + noise), 1, 16_000)
        masks[date] = _mask(opacity, shadow)
    return images, masks


def _ground(scene: Scene, day: np.datetime64, level: npt.NDArray[np.float64]) -> FloatArray:
    """Reflectance x 10000 without clouds, (band, y, x)."""
    table = (_table(day) * level).reshape(-1, len(BANDS)).astype(np.float32)
    index = scene.surface.astype(np.intp) * SHIFTS + scene.shift
    return np.asarray(np.ascontiguousarray(table.T)[:, index])


def _table(day: np.datetime64) -> npt.NDArray[np.float64]:
    """Reflectance x 10000, (surface, calendar step, band)."""
    number = (day - day.astype("datetime64[Y]")).astype(int)
    days = number + (np.arange(SHIFTS) - SHIFTS // 2) * SHIFT_DAYS
    rows = []
    for surface in Surface:
        year, first, second = GREEN[surface]
        share = np.interp(days, 15.2 + 30.44 * np.arange(12), year, period=365.25)[:, None]
        rows.append(share * np.array(SPECTRA[first]) + (1 - share) * np.array(SPECTRA[second]))
    return np.array(rows)


def _shade(scene: Scene) -> FloatArray:
    """Crowns, roofs and stones throw shadows; fields of one crop differ in brightness."""
    rough = np.full(len(Surface), 0.03, np.float32)
    rough[[Surface.BROADLEAF, Surface.CONIFER, Surface.SHRUB]] = 0.12
    rough[[Surface.ROOF, Surface.GARDEN]] = 0.22
    shade = rough[scene.surface] * scene.fine + 0.07 * scene.vigour
    shade = np.where(scene.surface == Surface.WATER, 0, shade) - 1.2 * scene.slope
    return np.asarray(np.clip(shade, -0.7, 0.7), np.float32)


def _clouds(random: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Opacity of clouds and depth of their shadows, 0..1, (y, x).

    The covered share of a date is U-shaped with mean 0.44; over land about half of all
    views are clouded (King et al. 2013, IEEE TGRS 51(7)).
    """
    share = random.beta(0.35, 0.45)
    if share < 0.03:
        return np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.float32)
    wide = SIDE + 80
    small = correlated_noise(random, (wide // 4, wide // 4), 9.0)
    small = 0.85 * small + 0.5 * correlated_noise(random, (wide // 4, wide // 4), 2.5)
    field = cv2.resize(small, (wide, wide), interpolation=cv2.INTER_CUBIC)
    edge = np.quantile(field, 1 - share) if share < 0.97 else field.min() - 1.5
    opacity = np.clip((field - edge) / np.float32(random.uniform(0.3, 1.2)), 0, 1)
    right, down = (int(step) for step in random.integers((8, -35), (35, -8)))
    shadow = np.roll(opacity, (down, right), (0, 1))
    inner = slice(40, 40 + SIDE)
    return opacity[inner, inner].astype(np.float32), shadow[inner, inner].astype(np.float32)


def _through(
    clear: FloatArray, opacity: FloatArray, shadow: FloatArray, cloud: float
) -> FloatArray:
    lit = clear * (1 - np.float32(0.62) * shadow)
    bright = np.float32(cloud) * (np.float32(0.75) + np.float32(0.5) * opacity)
    return np.asarray(lit * (1 - opacity) + bright * opacity, np.float32)


def _sensor(image: FloatArray, band: int) -> FloatArray:
    """Blur bands of 20 m and 60 m to their own resolution."""
    for resolution, bands in _SPREAD.items():
        if band in bands:
            return np.asarray(cv2.GaussianBlur(image, (0, 0), resolution / 20.0), np.float32)
    return image


def _mask(opacity: FloatArray, shadow: FloatArray) -> npt.NDArray[np.uint8]:
    mask = np.where(shadow > 0.35, SHADOW, CLEAR)
    mask = np.where(opacity > 0.08, THIN_CLOUD, mask)
    return np.where(opacity > 0.55, THICK_CLOUD, mask).astype(np.uint8)
