"""Points, boxes and polygons of labelled places, on the plane of `footprints`."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from speckle2vec.evaluate.footprints import FloatArray, IntArray, on_plane

TURNS = np.array([-360.0, 0.0, 360.0])


class Box(NamedTuple):
    """An extent in degrees."""

    west: float
    south: float
    east: float
    north: float

    def __str__(self) -> str:
        """For a sentence."""
        west, south, east, north = self
        return f"longitude {west:.2f} to {east:.2f}, latitude {south:.2f} to {north:.2f}"

    def meets(self, other: "Box") -> bool:
        """Whether the two have a place in common."""
        across = self.west <= other.east and other.west <= self.east
        return across and self.south <= other.north and other.south <= self.north


def plane_extent(bounds: FloatArray) -> Box:
    """An extent on the plane, in degrees."""
    west, south, east, north = bounds
    return Box(float(west), _latitude(south), float(east), _latitude(north))


@dataclass(frozen=True)
class Shapes:
    """The parts of all places; a polygon of several pieces has as many parts."""

    owners: IntArray
    """Number of the place that each part is of."""
    outlines: npt.NDArray[Any]
    """Points or polygons on the plane, one a part."""
    longitude: FloatArray
    """Degrees, of parts that are points; NaN for others."""
    latitude: FloatArray

    @property
    def areas(self) -> FloatArray:
        """Area on the plane of each place, square degrees; 0 for points."""
        return np.asarray(np.bincount(self.owners, shapely.area(self.outlines)), np.float64)

    @property
    def extent(self) -> Box:
        """Where all of them lie."""
        return plane_extent(shapely.total_bounds(self.outlines))

    def tree(self) -> shapely.STRtree:
        """An index over the boxes of all parts, three times: as they are and turned by a circle.

        Entry `number` is part `number % parts`, turned by `TURNS[number // parts]` degrees.
        """
        west, south, east, north = np.tile(shapely.bounds(self.outlines), (len(TURNS), 1)).T
        turn = np.repeat(TURNS, len(self.outlines))
        return shapely.STRtree(shapely.box(west + turn, south, east + turn, north))


def points(longitude: FloatArray, latitude: FloatArray, owners: IntArray | None = None) -> Shapes:
    """Points in degrees, each a place of its own where `owners` is left out."""
    rows = np.arange(len(longitude)) if owners is None else owners
    outlines = np.asarray(shapely.points(*on_plane(longitude, latitude)))
    return Shapes(rows, outlines, longitude, latitude)


def boxes(west: FloatArray, south: FloatArray, east: FloatArray, north: FloatArray) -> Shapes:
    """Boxes in degrees; one whose west is east of its east crosses the antimeridian."""
    low = on_plane(west, south)
    high = on_plane(np.where(east < west, east + 360, east), north)
    return areas(shapely.box(*low, *high), np.arange(len(west)))


def areas(outlines: npt.NDArray[Any], owners: IntArray) -> Shapes:
    """Polygons that are on the plane already."""
    nowhere = np.full(len(outlines), np.nan)
    return Shapes(owners, outlines, nowhere, nowhere)


def joined(first: Shapes, second: Shapes) -> Shapes:
    """Parts of two kinds together, in the order of their places."""
    order = np.argsort(np.concatenate([first.owners, second.owners]), kind="stable")
    both = [
        np.concatenate([getattr(first, name), getattr(second, name)])[order]
        for name in ("owners", "outlines", "longitude", "latitude")
    ]
    return Shapes(*both)


def _latitude(y: float) -> float:
    return float(np.degrees(np.arcsin(np.clip(np.radians(y), -1, 1))))
