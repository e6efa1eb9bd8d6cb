"""Rules that lay CORINE classes over the area: hills, towns, rivers, fields, woods."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from speckle2vec.corpus.simulated.fields import (
    AREA_SIZE_M,
    AREA_SOUTH_M,
    AREA_WEST_M,
    FloatArray,
    World,
)
from speckle2vec.corpus.simulated.places import towns

CodeArray = npt.NDArray[np.uint16]
_VILLAGES = 14_000

_ELEVATION = ((90e3, 1.0), (30e3, 0.6), (10e3, 0.35), (4e3, 0.2), (1.5e3, 0.1))
_RIVERS = ((30e3, 1.0), (10e3, 0.35), (4e3, 0.12))
_LAKES = ((11e3, 1.0), (4e3, 0.6), (1.6e3, 0.35), (800.0, 0.15))
_WET = ((16e3, 1.0), (5e3, 0.7), (2e3, 0.6), (1e3, 0.3))
_WOODS = ((9e3, 1.0), (3.5e3, 0.9), (1.6e3, 0.7), (800.0, 0.4))
_TYPES = ((7e3, 1.0), (2.5e3, 1.0), (1.1e3, 0.5))
_ROUGH = ((2.2e3, 1.0), (900.0, 0.7))


@dataclass(frozen=True)
class _Fields:
    """The smooth fields that the rules read, each of the shape of the positions."""

    elevation: FloatArray
    river_m: FloatArray
    lake: FloatArray
    wet: FloatArray
    woods: FloatArray
    tree: FloatArray
    open_land: FloatArray
    crops: FloatArray
    rough: FloatArray
    town: FloatArray


def classify(
    world: World, easting: npt.NDArray[np.float64], northing: npt.NDArray[np.float64]
) -> CodeArray:
    """CORINE level-3 codes at positions in EPSG:3035, metres.

    Args:
        world: The world the classes belong to.
        easting: Positions, two-dimensional; every row should be one neighbourhood.
        northing: The same.
    """
    x = (easting - AREA_WEST_M).astype(np.float32)
    y = (northing - AREA_SOUTH_M).astype(np.float32)
    fields = _fields(world, x, y)
    codes = _agriculture(fields)
    _woods(fields, codes)
    _wetlands(fields, codes)
    _settlements(fields, codes)
    _water(fields, codes)
    return codes


def hilliness(world: World, easting: float, northing: float) -> float:
    """How hilly it is around a position, 0 (plain) to 1 (mountains)."""
    x = np.full((1, 1), easting - AREA_WEST_M, np.float32)
    y = np.full((1, 1), northing - AREA_SOUTH_M, np.float32)
    elevation = world.noise("elevation", _ELEVATION, x, y)[0, 0]
    return float(np.clip(0.45 * elevation - 0.05, 0.03, 1.0))


def _fields(world: World, x: FloatArray, y: FloatArray) -> _Fields:
    rough = world.noise("rough", _ROUGH, x, y)
    return _Fields(
        elevation=world.noise("elevation", _ELEVATION, x, y),
        river_m=_river_distance(world, x, y),
        lake=world.noise("lake", _LAKES, x, y),
        wet=world.noise("wet", _WET, x, y),
        woods=world.noise("woods", _WOODS, x, y),
        tree=world.noise("tree", _TYPES, x, y),
        open_land=world.noise("open", _TYPES, x, y),
        crops=world.noise("crops", _TYPES, x, y),
        rough=rough,
        town=_town(world, x, y) + 0.22 * rough,
    )


def _river_distance(world: World, x: FloatArray, y: FloatArray) -> FloatArray:
    """About the distance to the nearest river, metres: rivers are zero lines of a field."""
    step = np.float32(100.0)
    here = world.noise("river", _RIVERS, x, y)
    east = world.noise("river", _RIVERS, x + step, y)
    north = world.noise("river", _RIVERS, x, y + step)
    slope = np.hypot(east - here, north - here) / step
    return np.asarray(np.abs(here) / np.maximum(slope, 1e-5), np.float32)


def _town(world: World, x: FloatArray, y: FloatArray) -> FloatArray:
    """How much town: 1 at the centre, 0 at the edge, less outside."""
    centres, radii = towns(world)
    large = _nearness(x, y, centres - (AREA_WEST_M, AREA_SOUTH_M), radii, 2)
    return np.maximum(large, _nearness(x, y, *_villages(world), 4))


@cache
def _villages(world: World) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    random = world.generator("villages")
    centres = random.uniform(0.0, AREA_SIZE_M, (_VILLAGES, 2))
    return centres, random.uniform(250.0, 850.0, _VILLAGES)


def _nearness(
    x: FloatArray,
    y: FloatArray,
    centres: npt.NDArray[np.float64],
    radii: npt.NDArray[np.float64],
    count: int,
) -> FloatArray:
    middle = np.column_stack([x.mean(axis=1), y.mean(axis=1)])
    _, chosen = cKDTree(centres).query(middle, k=count)
    best = np.full(x.shape, -3.0, np.float32)
    for nearest in np.asarray(chosen).T:
        east, north = centres[nearest, 0, None], centres[nearest, 1, None]
        distance = np.hypot(x - east, y - north)
        best = np.maximum(best, (1 - distance / radii[nearest, None]).astype(np.float32))
    return best


def _agriculture(fields: _Fields) -> CodeArray:
    codes = np.full(fields.crops.shape, 211, np.uint16)
    codes[fields.crops + 0.35 * fields.elevation + 0.35 * fields.wet > 0.85] = 231
    codes[(fields.open_land > 1.0) & (fields.crops < 0.6)] = 242
    codes[(fields.open_land < -0.9) & (fields.woods > -0.7)] = 243
    codes[(fields.crops < -1.35) & (fields.elevation > -0.4)] = 221
    return codes


def _woods(fields: _Fields, codes: CodeArray) -> None:
    forest = fields.woods + 0.45 * fields.elevation > 0.4
    conifers = fields.tree + 0.5 * fields.elevation
    codes[forest] = 313
    codes[forest & (conifers > 0.35)] = 312
    codes[forest & (conifers < -0.25)] = 311
    codes[forest & (fields.open_land > 1.6)] = 324
    codes[forest & (fields.open_land < -1.7)] = 321
    codes[forest & (fields.rough > 1.5) & (fields.elevation > 0.6)] = 322
    codes[(fields.elevation + 0.3 * fields.rough > 2.5)] = 332


def _wetlands(fields: _Fields, codes: CodeArray) -> None:
    low = fields.elevation < 0.7
    codes[(fields.wet > 1.35) & low] = 411
    codes[(fields.wet > 1.45) & ~low] = 412
    codes[(fields.river_m < 700) & (fields.wet > 0.55) & low] = 411
    codes[(fields.wet < -1.6) & (fields.woods > 0.2)] = 412


def _settlements(fields: _Fields, codes: CodeArray) -> None:
    town = fields.town
    codes[(town > -0.12) & (town < 0.5) & (fields.open_land + fields.tree > 1.7)] = 121
    codes[(town > -0.8) & (town < -0.1) & (fields.rough > 1.95)] = 131
    codes[(town > 0.0) & (codes != 121)] = 112
    codes[(town > 0.1) & (fields.tree < -1.25)] = 141
    codes[town > 0.62] = 111


def _water(fields: _Fields, codes: CodeArray) -> None:
    codes[(fields.elevation < -1.25) & (codes > 200)] = 421
    codes[fields.elevation < -1.4] = 523
    codes[(fields.lake > 1.75) & (fields.elevation < 1.2)] = 512
    width = 110.0 + 60.0 * np.clip(1.0 - fields.elevation, 0.0, 2.0)
    codes[(fields.river_m < width) & (fields.elevation < 0.8) & (codes != 523)] = 511
