"""Random places in a region: exactly uniform, and the same ones however many are asked for.

A place is drawn uniformly in a box of a plane and kept if it lies in the polygon of that
box; the box is chosen with a probability that is proportional to its area in the plane.
Boxes may overlap, polygons do not, so every kept place is uniform in the plane over all
polygons, and no polygon's area is ever computed. The plane is longitude and the northing
of the cylindrical equal-area projection EPSG:6933, in which equal areas are equal areas of
the WGS 84 ellipsoid everywhere (Brodzik et al. 2012, doi:10.3390/ijgi1010032): there is
nothing to gain from a regional projection such as EPSG:3035. Polygons are never projected:
longitude is linear in the plane and a box of it is a box in degrees.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from speckle2vec.corpus.sampling.parts import Shapes, polygons_of

DoubleArray = npt.NDArray[np.float64]
Sampler = Literal["area", "latitude"]
DECIMALS = 7
"""Of a degree: a centimetre. Rounding hides what mathematical libraries differ by."""
TOGETHER = 65_536
_MOST_VERTICES = 256
_LEAST_FILLED = 0.3
_SMALLEST = 1e-3


@dataclass(frozen=True)
class Pieces:
    """A region in polygons that do not overlap, each with its box."""

    shapes: Shapes
    """Prepared polygons, longitude and latitude, (piece)."""
    corners: DoubleArray
    """West and bottom of each box, degrees and the plane's northing, (piece, 2)."""
    sizes: DoubleArray
    """Width and height of each box, (piece, 2)."""
    reach: DoubleArray
    """Cumulative share of the boxes' areas, (piece)."""
    sampler: Sampler

    def places(
        self, random: np.random.Generator, together: int = TOGETHER
    ) -> Iterator[DoubleArray]:
        """Places without end: longitude and latitude, degrees, (place, 2), block by block.

        The places and their order do not depend on the size of the blocks.

        Args:
            random: Three numbers of it go into every place that is tried.
            together: Places tried for one block.
        """
        while True:
            yield self._tried(random.random((together, 3)))

    def _tried(self, chances: DoubleArray) -> DoubleArray:
        chosen = np.searchsorted(self.reach, chances[:, 0], side="right")
        plane = self.corners[chosen] + chances[:, 1:] * self.sizes[chosen]
        latitude = latitude_of(plane[:, 1], self.sampler)
        places: DoubleArray = np.stack([plane[:, 0], latitude], axis=1).round(DECIMALS)
        return places[shapely.contains_xy(self.shapes[chosen], places[:, 0], places[:, 1])]


def part_region(outline: shapely.Geometry, sampler: Sampler) -> Pieces:
    """Part a region into small polygons that fill their boxes well, which only saves time.

    Args:
        outline: Valid polygons that do not overlap, longitude and latitude.
        sampler: `area`, or `latitude`: latitude itself is the plane's northing.
    """
    shapes = np.array(list(_parted(outline)), dtype=object)
    west, south, east, north = shapely.bounds(shapes).T
    bottom, top = (northing_of(latitude, sampler) for latitude in (south, north))
    sizes = np.stack([east - west, top - bottom], axis=1)
    areas = np.cumsum(sizes.prod(axis=1))
    shapely.prepare(shapes)
    return Pieces(
        shapes, np.stack([west, bottom], axis=1), sizes, areas / areas[-1], sampler
    )  # fmt: skip


def northing_of(latitude: DoubleArray, sampler: Sampler) -> DoubleArray:
    """Where latitudes (degrees) stand in the plane: metres, or degrees for `latitude`."""
    if sampler == "latitude":
        return latitude
    return np.asarray(_equal_area().transform(np.zeros_like(latitude), latitude)[1])


def latitude_of(northing: DoubleArray, sampler: Sampler) -> DoubleArray:
    """Latitudes in degrees of what stands in the plane."""
    if sampler == "latitude":
        return northing
    back = _equal_area().transform(np.zeros_like(northing), northing, direction="INVERSE")
    return np.asarray(back[1])


def _equal_area() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("EPSG:4326", "EPSG:6933", always_xy=True)


def _parted(outline: shapely.Geometry) -> Iterator[shapely.Polygon]:
    waiting = list(polygons_of(np.array([outline], dtype=object))[0])
    while waiting:
        shape = waiting.pop()
        if _small(shape):
            yield shape
        else:
            halves = shapely.intersection(shape, _halves(shape.bounds))
            waiting.extend(polygons_of(halves)[0])


def _small(shape: shapely.Polygon) -> bool:
    west, south, east, north = shape.bounds
    if max(east - west, north - south) < _SMALLEST:
        return True
    filled = bool(shape.area >= _LEAST_FILLED * (east - west) * (north - south))
    return filled and int(shapely.get_num_coordinates(shape)) <= _MOST_VERTICES


def _halves(bounds: tuple[float, float, float, float]) -> list[shapely.Polygon]:
    west, south, east, north = bounds
    if east - west > north - south:
        middle = (west + east) / 2
        return [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    middle = (south + north) / 2
    return [shapely.box(west, south, east, middle), shapely.box(west, middle, east, north)]
