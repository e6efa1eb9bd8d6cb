"""What the codes of CORINE mean at level 1, and which places are read together."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from speckle2vec.corpus.sampling.parts import IntArray
from speckle2vec.errors import UserError

_GRID_STARTS = (1, 12, 23, 35, 40, 45)
"""First numbers of the level-1 classes in the raster of CORINE, which holds 1 to 44."""


def level_1(codes: npt.NDArray[np.integer[Any]], stored: str) -> IntArray:
    """Level-1 classes of codes: 311 is 3; 0 where a code is no class of land cover.

    Args:
        codes: CORINE codes, or numbers of its raster.
        stored: `clc` or `clc-grid`, which of them they are.
    """
    codes = np.asarray(codes, np.int64)
    if stored == "clc":
        return np.where((codes >= 111) & (codes <= 523), codes // 100, 0)
    return np.asarray(np.searchsorted(_GRID_STARTS, codes, side="right") % len(_GRID_STARTS))


def by_tile(spots: npt.NDArray[Any], side: float) -> Iterator[IntArray]:
    """Rows of the spots that lie in the same square of a grid, square by square.

    Args:
        spots: Coordinates, (spot, 2).
        side: Side of the squares, in the unit of the spots.
    """
    _, tile = np.unique(np.floor_divide(spots, side), axis=0, return_inverse=True)
    order = np.argsort(tile, kind="stable")
    if len(order):
        yield from np.split(order, np.flatnonzero(np.diff(tile[order])) + 1)


def to_system(crs: str) -> pyproj.Transformer:
    """From longitude and latitude to a reference system."""
    return pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def without_crs(path: str) -> UserError:
    """A file whose place on Earth nobody knows."""
    return UserError(
        f"{path}: has no coordinate reference system, so nobody knows where it lies; write one "
        "into it, such as `ogr2ogr -a_srs EPSG:3035 new.gpkg old` or `gdal_edit.py -a_srs`."
    )
