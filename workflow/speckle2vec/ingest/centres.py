"""Where the centres of samples lie."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyproj
from odc.geo.geobox import GeoBox

from speckle2vec.readers.base import Sample

ROUND = 360.0
"""Degrees; files about the antimeridian count longitudes beyond half of them."""


def system_of(grid: GeoBox) -> str:
    """The CRS as EPSG code, or as WKT where it has none; odc's own text varies in a process."""
    assert grid.crs is not None
    code = grid.crs.epsg
    return f"EPSG:{code}" if code else str(grid.crs.to_wkt())


def centres(samples: Sequence[Sample]) -> npt.NDArray[np.float64]:
    """Longitude and latitude of the centre of each sample, (sample, 2); NaN if nowhere on Earth."""
    found = np.full((len(samples), 2), np.nan)
    systems = [system_of(sample.grid) if sample.grid is not None else "" for sample in samples]
    for system in sorted(set(systems) - {""}):
        rows = [row for row, name in enumerate(systems) if name == system]
        corners = [_centre(samples[row]) for row in rows]
        try:
            to_degrees = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
        except pyproj.exceptions.ProjError:  # it is no system of the Earth
            continue
        found[rows] = np.stack(to_degrees.transform(*np.transpose(corners)), axis=1)
    return _on_earth(found)


def _on_earth(found: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Longitudes from -180 to 180; NaN for what files say that is nowhere."""
    there = (np.abs(found) <= (ROUND, ROUND / 4)).all(axis=1, keepdims=True)
    known = np.where(there, found, np.nan)
    turned = (known[:, 0] + ROUND / 2) % ROUND - ROUND / 2
    known[:, 0] = np.where(np.abs(known[:, 0]) > ROUND / 2, turned, known[:, 0])
    return known


def _centre(sample: Sample) -> tuple[float, float]:
    assert sample.grid is not None
    height, width = sample.grid.shape
    a, b, c, d, e, f = sample.grid.affine[:6]
    column, row = width / 2, height / 2
    return a * column + b * row + c, d * column + e * row + f
