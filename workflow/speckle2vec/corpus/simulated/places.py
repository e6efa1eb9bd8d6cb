"""Places: where a sample lies, on which grid, and when it was looked at.

Places gather around towns, as in SSL4EO-S12 (Wang et al. 2023), so that some overlap,
most have a neighbour within tens of kilometres, and the files hold them shuffled.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from speckle2vec.corpus.simulated.fields import AREA_SIZE_M, AREA_SOUTH_M, AREA_WEST_M, World
from speckle2vec.readers.simulated import parse_shard

SIDE = 264
PIXEL_M = 10.0
DATES = 4
TOWNS = 120
_EDGE_M = 35_000.0
_NEAR_M, _FAR_M = 2_500.0, 11_000.0
_CYCLE_DAYS = 6
_FIRST_DAY = np.datetime64("2020-01-01", "D")


@dataclass(frozen=True)
class Place:
    """One sample before anything is drawn."""

    sample_id: str
    """Seven digits, unique in the corpus."""
    shard: str
    row: int
    easting: float
    northing: float
    """Centre in EPSG:3035, metres, before the grid was snapped to 10 m."""
    longitude: float
    latitude: float
    """Centre of the grid in WGS 84, degrees."""
    grid: GeoBox
    """264 x 264 pixels of 10 m in the UTM zone of the centre, origin on whole 10 m."""
    epsg: int
    """EPSG code of the grid."""
    days: tuple[np.datetime64, ...]
    """Days of the four radar images, ascending, about 274 days from first to last."""
    ascending: tuple[bool, ...]
    """Whether each radar image was taken on an ascending pass."""
    incidence: tuple[float, ...]
    """Incidence angle of each radar image, degrees."""


@cache
def towns(world: World) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Centres (town, 2) in EPSG:3035 and radii (town) in metres, the largest first."""
    random = world.generator("towns")
    centres = random.uniform(_EDGE_M, AREA_SIZE_M - _EDGE_M, (TOWNS, 2))
    radii = 4_400.0 * (np.arange(TOWNS) + 1.0) ** -0.25 * random.uniform(0.8, 1.2, TOWNS)
    return centres + (AREA_WEST_M, AREA_SOUTH_M), radii


def draw_place(world: World, shard: str, row: int) -> Place:
    """Choose position, grid, dates and tracks of one sample, whatever else is drawn."""
    random = world.generator("place", shard, row)
    easting, northing = _position(world, random)
    grid, epsg = _grid(*_transformer(3035, 4326).transform(easting, northing))
    middle = _position_on(grid, SIDE / 2, SIDE / 2)
    longitude, latitude = _transformer(epsg, 4326).transform(*middle)
    days = _days(random)
    ascending, incidence = _tracks(random)
    return Place(
        sample_id(shard, row), shard, row, easting, northing, longitude, latitude,
        grid, epsg, days, ascending, incidence,
    )  # fmt: skip


def sample_id(shard: str, row: int) -> str:
    """Seven digits for a row of a shard; no two rows of a corpus share them."""
    folder, number = parse_shard(shard)
    index = (number - 1) * 64 + row + (500_000 if folder == "val" else 0)
    return f"{index * 37 % 1_000_003:07d}"


def _position(world: World, random: np.random.Generator) -> tuple[float, float]:
    centres, _ = towns(world)
    weights = 1 / (np.arange(TOWNS) + 8.0)
    town = random.choice(TOWNS, p=weights / weights.sum())
    spread = _NEAR_M if random.random() < 0.5 else _FAR_M
    offset = np.clip(random.normal(0.0, spread, 2), -0.9 * _EDGE_M, 0.9 * _EDGE_M)
    return float(centres[town, 0] + offset[0]), float(centres[town, 1] + offset[1])


def _grid(longitude: float, latitude: float) -> tuple[GeoBox, int]:
    crs = 32600 + int((longitude + 180) // 6) + 1
    x, y = _transformer(4326, crs).transform(longitude, latitude)
    half = SIDE * PIXEL_M / 2
    west, north = round((x - half) / PIXEL_M) * PIXEL_M, round((y + half) / PIXEL_M) * PIXEL_M
    affine = Affine(PIXEL_M, 0, west, 0, -PIXEL_M, north)
    return GeoBox((SIDE, SIDE), affine, f"EPSG:{crs}"), crs


def _days(random: np.random.Generator) -> tuple[np.datetime64, ...]:
    """The start is uniform over a year, the gaps about a season (FACTS: SSL4EO-S12)."""
    start = random.integers(0, 366)
    gaps = random.integers(-2, 3, DATES - 1) * _CYCLE_DAYS + 91
    return tuple(_FIRST_DAY + int(day) for day in start + np.concatenate([[0], np.cumsum(gaps)]))


def _tracks(random: np.random.Generator) -> tuple[tuple[bool, ...], tuple[float, ...]]:
    """An ascending and a descending track, each at its own angle; one of them prevails."""
    angles = random.uniform(30.0, 46.0, 2)
    usual = random.random() < 0.5
    ascending = tuple(bool(usual ^ (random.random() < 0.25)) for _ in range(DATES))
    return ascending, tuple(float(angles[int(way)]) for way in ascending)


def _position_on(grid: GeoBox, column: float, row: float) -> tuple[float, float]:
    """UTM coordinates of a position in pixels."""
    return grid.affine.c + PIXEL_M * column, grid.affine.f - PIXEL_M * row


@cache
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def area_coordinates(
    place: Place,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """EPSG:3035 coordinates of the pixel centres, each (y, x), metres.

    Over 2.6 km the projection is affine to better than a metre.
    """
    transformer = _transformer(place.epsg, 3035)
    corners = [(0.5, 0.5), (SIDE - 0.5, 0.5), (0.5, SIDE - 0.5)]
    (x0, y0), (x1, y1), (x2, y2) = (
        transformer.transform(*_position_on(place.grid, *corner)) for corner in corners
    )
    along = np.linspace(0.0, 1.0, SIDE)[None, :]
    down = np.linspace(0.0, 1.0, SIDE)[:, None]
    return x0 + along * (x1 - x0) + down * (x2 - x0), y0 + along * (y1 - y0) + down * (y2 - y0)
