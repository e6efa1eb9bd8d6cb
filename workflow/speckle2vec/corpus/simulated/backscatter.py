"""Sentinel-1 backscatter of a scene: VV and VH in dB (sigma0), one image a date.

Land follows `radar_courses`. Water follows the wind: VV as CMOD5.N near 38 degrees (Hersbach
2010, Journal of Atmospheric and Oceanic Technology 27), VH as Vachon and Wolfe (2011, IEEE
GRSL 8).
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.simulated.fields import FloatArray, World, correlated_noise
from speckle2vec.corpus.simulated.places import DATES, SIDE, Place
from speckle2vec.corpus.simulated.radar_courses import COURSES, TRAITS
from speckle2vec.corpus.simulated.scene import SHIFT_DAYS, SHIFTS, Scene
from speckle2vec.corpus.simulated.speckle import PSF_SIGMA, gamma_from_normal, speckle
from speckle2vec.corpus.simulated.surfaces import Surface

REFERENCE_DEGREES = 38.0
_INCIDENCE_SLOPE = -0.13
"""dB a degree over land, a usual order of magnitude at C band."""
_NOISE_LEFT = 0.3
"""Share of the thermal noise that its removal leaves; the published files had it removed."""
_TERRAIN_DB = 11.0
"""dB a unit of slope toward the radar, from the change of the local incidence angle."""


def draw_backscatter(world: World, place: Place, scene: Scene) -> npt.NDArray[np.float16]:
    """Radar images of a place in dB, (date, polarisation, y, x), VV before VH.

    Signal = mean x gamma texture + point scatterers; the image is gamma speckle times
    signal plus what is left of the thermal noise, so that no value is without a floor.
    """
    random = world.generator("backscatter", place.shard, place.row)
    regional = random.standard_normal((len(Surface), 2)).astype(np.float32)
    shared = random.standard_normal(len(Surface)).astype(np.float32)[:, None]
    levels = (0.8 * shared + 0.6 * regional) * _trait("regional_db")[:, None]
    ground = _standing_db(random, scene)
    points = {way: _points(random, scene) for way in (True, False)}
    images = np.empty((DATES, 2, SIDE, SIDE), np.float16)
    for date in range(DATES):
        weather = _Weather.draw(random)
        change = _changing_db(random, place, scene, weather, date)
        for polarisation in range(2):
            table = _table(place, weather, date, polarisation) + levels[:, polarisation, None]
            mean = table.ravel()[scene.surface * np.intp(SHIFTS) + scene.shift]
            signal = _power(mean + ground[polarisation] + change)
            signal += points[place.ascending[date]] * (0.30, 0.045)[polarisation]
            seen = cv2.GaussianBlur(signal, (0, 0), PSF_SIGMA) + np.float32(weather.noise)
            image = seen * speckle(random, (SIDE, SIDE))
            images[date, polarisation] = 10 * np.log10(image)
    return images


@dataclass(frozen=True)
class _Weather:
    """What one date brings to a whole place."""

    moisture_db: float
    """Change of the backscatter of bare soil; 0.25 to 0.3 dB a percent of water by volume."""
    wind: float
    """Wind at 10 m, metres a second."""
    noise: float
    """Thermal noise left in the image, linear: `_NOISE_LEFT` of a noise equivalent sigma0
    of -22.5 to -25.5 dB (-22 dB is the specification of IW)."""

    @classmethod
    def draw(cls, random: np.random.Generator) -> "_Weather":
        moisture = np.clip(random.normal(0.0, 1.0), -3.0, 3.5)
        wind = np.clip(4.2 * random.weibull(2.2), 0.5, 14.0)
        noise = _NOISE_LEFT * 10 ** (random.uniform(-25.5, -22.5) / 10)
        return cls(float(moisture), float(wind), float(noise))


def _trait(name: str) -> FloatArray:
    return np.array([getattr(TRAITS[surface], name) for surface in Surface], np.float32)


def _table(place: Place, weather: _Weather, date: int, polarisation: int) -> FloatArray:
    """Mean backscatter of this date, dB, (surface, calendar step)."""
    day = (place.days[date] - place.days[date].astype("datetime64[Y]")).astype(int)
    days = day + (np.arange(SHIFTS) - SHIFTS // 2) * SHIFT_DAYS
    middles = 15.2 + 30.44 * np.arange(12)
    degrees = place.incidence[date] - REFERENCE_DEGREES
    rows = [np.full(SHIFTS, _water_db(weather.wind, degrees, polarisation))]
    for surface in list(Surface)[1:]:
        course = np.interp(days, middles, COURSES[surface][polarisation], period=365.25)
        rows.append(course + _INCIDENCE_SLOPE * degrees)
    return np.array(rows, np.float32)


def _water_db(wind: float, degrees: float, polarisation: int) -> float:
    if polarisation == 0:
        return float(np.clip(-19.0 + 21.0 * np.log10(wind / 5.0) - 0.55 * degrees, -30.0, -8.0))
    return 0.592 * wind - 35.65 - 0.2 * degrees


def _standing_db(random: np.random.Generator, scene: Scene) -> tuple[FloatArray, FloatArray]:
    """Departures that stay over all dates, dB, VV and VH: fields, stands, texture."""
    surface = scene.surface
    fields = scene.vigour * _trait("vigour_db")[surface]
    stands = scene.coarse * _trait("coarse_db")[surface]
    order = _trait("order")[surface]
    parts = []
    for gain in (0.9, 1.1):
        own = correlated_noise(random, (SIDE, SIDE), 0.9)
        texture = gamma_from_normal(0.8 * scene.fine + 0.6 * own, order)
        whole = gain * (fields + stands) + _decibels(texture) + _facing_db(scene)
        parts.append(np.asarray(whole, np.float32))
    return parts[0], parts[1]


def _facing_db(scene: Scene) -> FloatArray:
    """Streets that run along the track shine (cardinal effect, Koppel et al. 2017)."""
    facing = 3.0 * np.cos(2 * (scene.angle - np.float32(np.deg2rad(100)))) - 0.5
    return np.where(scene.surface == Surface.ROOF, facing, 0).astype(np.float32)


def _changing_db(
    random: np.random.Generator, place: Place, scene: Scene, weather: _Weather, date: int
) -> FloatArray:
    """Departures of one date, dB: soil moisture, wind on water, slopes seen from the track."""
    surface = scene.surface
    wet = np.float32(weather.moisture_db) + 0.5 * correlated_noise(random, (SIDE, SIDE), 12.0)
    water = 0.6 * correlated_noise(random, (SIDE, SIDE), 9.0)
    toward = 1.0 if place.ascending[date] else -1.0
    change = wet * _trait("moisture")[surface] + water * (surface == Surface.WATER)
    return np.asarray(change + _TERRAIN_DB * toward * scene.slope, np.float32)


def _points(random: np.random.Generator, scene: Scene) -> FloatArray:
    """Corner reflectors of buildings, linear, seen from one side; heavy-tailed and lasting."""
    strike = random.random((SIDE, SIDE), np.float32)
    strength = 3 * np.power(10, 2.0 * random.random((SIDE, SIDE), np.float32))
    struck = (scene.surface == Surface.ROOF) & (strike < 0.05)
    return np.where(struck, strength, 0).astype(np.float32)


def _power(decibels: FloatArray) -> FloatArray:
    return np.asarray(np.exp(decibels * np.float32(np.log(10) / 10)))


def _decibels(power: FloatArray) -> FloatArray:
    return np.asarray(10 * np.log10(np.maximum(power, np.float32(1e-3))), np.float32)
