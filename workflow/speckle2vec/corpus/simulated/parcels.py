"""Parcels, lots and what borders them: cells of a patchwork that fills the whole area.

The patchwork is a function of the position alone, so that samples that overlap share it.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.simulated.fields import (
    AREA_SIZE_M,
    AREA_SOUTH_M,
    AREA_WEST_M,
    FloatArray,
    HashArray,
    World,
    mix,
    uniform,
)

_BLOCK_M = 1_700.0
_STREET_M = (70.0, 125.0)
_LOT_M = 30.0
_JITTER = 0.55


@dataclass(frozen=True)
class Parcels:
    """The patchwork under an image; every member is (y, x)."""

    block: HashArray
    """Which tract of land of about 1.7 km a pixel is in; parcels of one share a direction."""
    parcel: HashArray
    """Which field it is in."""
    parcel_edge_m: FloatArray
    """Distance to the edge of the field, metres."""
    border_m: FloatArray
    """Distance to the edge of the tract, metres, where roads run."""
    street_m: FloatArray
    """Distance to the nearest street if this were a town, metres."""
    lot: HashArray
    """Which building lot of about 30 m it is in if this were a town."""
    angle: FloatArray
    """Direction of rows and streets, radians."""


@dataclass(frozen=True)
class _Tracts:
    """Seeds of the tracts on a jittered lattice, and how each is parcelled out."""

    east: npt.NDArray[np.float64]
    north: npt.NDArray[np.float64]
    angle: FloatArray
    width_m: FloatArray
    length_m: FloatArray


def draw_parcels(
    world: World, easting: npt.NDArray[np.float64], northing: npt.NDArray[np.float64]
) -> Parcels:
    """The patchwork at positions in EPSG:3035, metres, (y, x)."""
    x, y = easting - AREA_WEST_M, northing - AREA_SOUTH_M
    tracts = _tracts(world)
    index, border = _nearest_tract(tracts, x, y)
    angle = tracts.angle[index]
    u = (x - tracts.east[index]) * np.cos(angle) + (y - tracts.north[index]) * np.sin(angle)
    v = (y - tracts.north[index]) * np.cos(angle) - (x - tracts.east[index]) * np.sin(angle)
    block = mix(stream_key(world), index)
    width, length = tracts.width_m[index], tracts.length_m[index]
    strip, across = _cells(u / width, mix(block, 1))
    cell, along = _cells(v / length, mix(block, 2, strip))
    street_u, gap_u = _cells(u / _STREET_M[0], mix(block, 3))
    street_v, gap_v = _cells(v / _STREET_M[1], mix(block, 4))
    lot = mix(block, 5, street_u, street_v, np.floor(u / _LOT_M), np.floor(v / _LOT_M))
    return Parcels(
        block=block,
        parcel=mix(block, strip, cell),
        parcel_edge_m=np.minimum(across * width, along * length).astype(np.float32),
        border_m=border,
        street_m=np.minimum(gap_u * _STREET_M[0], gap_v * _STREET_M[1]).astype(np.float32),
        lot=lot,
        angle=angle,
    )


def stream_key(world: World) -> int:
    """A number that keeps the hashes of two worlds apart."""
    return int(world.generator("parcels").integers(0, 2**62))


@cache
def _tracts(world: World) -> _Tracts:
    random = world.generator("tracts")
    count = int(AREA_SIZE_M / _BLOCK_M) + 2
    shape = (count, count)
    rows, columns = np.mgrid[0:count, 0:count]
    east = (columns + random.uniform(0.1, 0.9, shape)) * _BLOCK_M
    north = (rows + random.uniform(0.1, 0.9, shape)) * _BLOCK_M
    angle = random.uniform(0, np.pi, shape).astype(np.float32)
    width = np.exp(random.normal(np.log(105.0), 0.45, shape)).astype(np.float32)
    length = width * random.uniform(1.3, 4.0, shape).astype(np.float32)
    return _Tracts(east.ravel(), north.ravel(), angle.ravel(), width.ravel(), length.ravel())


def _nearest_tract(
    tracts: _Tracts, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Index of the nearest seed, and distance to the border with the second nearest."""
    count = int(AREA_SIZE_M / _BLOCK_M) + 2
    low = [int(axis.min() // _BLOCK_M) - 1 for axis in (y, x)]
    high = [int(axis.max() // _BLOCK_M) + 1 for axis in (y, x)]
    rows, columns = np.mgrid[low[0] : high[0] + 1, low[1] : high[1] + 1].clip(0, count - 1)
    seeds = np.unique(rows * count + columns)
    x0, y0 = x.mean(), y.mean()
    here = (x - x0).astype(np.float32), (y - y0).astype(np.float32)
    squares = np.empty((len(seeds), *x.shape), np.float32)
    for number, seed in enumerate(seeds):
        east, north = np.float32(tracts.east[seed] - x0), np.float32(tracts.north[seed] - y0)
        squares[number] = (here[0] - east) ** 2 + (here[1] - north) ** 2
    nearest = squares.argmin(axis=0)
    first = squares.min(axis=0)
    np.put_along_axis(squares, nearest[None], np.inf, axis=0)
    border = (np.sqrt(squares.min(axis=0)) - np.sqrt(first)) / 2
    return seeds[nearest], border


def _cells(
    position: npt.NDArray[np.floating], key: HashArray
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Cells of uneven width along one axis.

    Args:
        position: Positions in units of the mean width.
        key: What the unevenness depends on.

    Returns:
        The cell each position is in, and its distance to the cell's nearer edge.
    """
    near = np.round(position).astype(np.int64)
    edge = near + _JITTER * (uniform(mix(key, near)) - 0.5)
    cell = np.where(position < edge, near - 1, near)
    other = np.where(position < edge, near - 1, near + 1)
    far = other + _JITTER * (uniform(mix(key, other)) - 0.5)
    return cell, np.minimum(np.abs(position - edge), np.abs(position - far)).astype(np.float32)
