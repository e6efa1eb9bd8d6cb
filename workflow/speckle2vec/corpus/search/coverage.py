"""Which images contain which patches: by a tree of outlines, for all places at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from speckle2vec.corpus.search.footprints import Shapes, in_every_turn, patch_outlines
from speckle2vec.corpus.search.images import Images

Integers = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Patches:
    """Squares that may be cut: for each place one in every zone that images there have."""

    place: Integers
    """Position of the place."""
    epsg: Integers
    outlines: Shapes
    """In degrees."""
    bounds: FloatArray
    """In metres of the zone, (patch, 4)."""


@dataclass(frozen=True)
class Hits:
    """Patches and images that contain them, in the order of the patches."""

    patch: Integers
    image: Integers

    def of(self, patch: int) -> Integers:
        """The images that contain one patch."""
        start, stop = np.searchsorted(self.patch, [patch, patch + 1])
        return self.image[start:stop]


def patches_of(longitudes: FloatArray, latitudes: FloatArray, images: Images, size: int) -> Patches:
    """One patch for each place and zone of the images over it.

    Args:
        longitudes: Degrees, WGS 84, (place).
        latitudes: Degrees, WGS 84, (place).
        images: Those whose own grids the patches follow.
        size: Side of a patch, pixels of 10 m.
    """
    seen = at_points(longitudes, latitudes, images)
    zones, number = np.unique(images.epsg, return_inverse=True)
    pairs = np.unique(seen.patch * len(zones) + number[seen.image])
    place, epsg = pairs // max(len(zones), 1), zones[pairs % max(len(zones), 1)]
    outlines = np.empty(len(place), dtype=object)
    bounds = np.empty((len(place), 4))
    for zone in np.unique(epsg):
        of = epsg == zone
        where = longitudes[place[of]], latitudes[place[of]]
        outlines[of], bounds[of] = patch_outlines(*where, int(zone), size)
    return Patches(place, epsg, outlines, bounds)


def at_points(longitudes: FloatArray, latitudes: FloatArray, images: Images) -> Hits:
    """Which images hold which points; `patch` counts the points here."""
    held = _outlined(images)
    copies, origin = in_every_turn(images.outlines[held])
    points = shapely.points(longitudes, latitudes)
    point, copy = shapely.STRtree(copies).query(points, predicate="intersects")
    return _hits(point, held[origin[copy]])


def containing(patches: Patches, images: Images, own_grid: bool) -> Hits:
    """Which images contain which patches.

    Args:
        patches: The patches.
        images: The images; those without an outline contain nothing.
        own_grid: Whether an image is taken only for patches on its own zone, and where it
            tells the edges of its grid, only within these: near the poles an outline in
            degrees is a kilometre or so uncertain.
    """
    held = _outlined(images)
    copies, origin = in_every_turn(images.outlines[held])
    patch, copy = shapely.STRtree(copies).query(patches.outlines)
    image = held[origin[copy]]
    if own_grid:
        inside = patches.epsg[patch] == images.epsg[image]
        inside &= ~_beyond(patches.bounds[patch], images.bounds[image])
        patch, image, copy = patch[inside], image[inside], copy[inside]
    shapely.prepare(copies)  # an image is asked for many patches, faster than the tree asks
    covered = shapely.covers(copies[copy], patches.outlines[patch])
    return _hits(patch[covered], image[covered])


def _outlined(images: Images) -> Integers:
    return np.flatnonzero([outline is not None for outline in images.outlines])


def _beyond(inner: FloatArray, outer: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether boxes reach out of others; of an unknown box nothing does."""
    low = (inner[:, :2] < outer[:, :2]).any(axis=1)
    return np.asarray(low | (inner[:, 2:] > outer[:, 2:]).any(axis=1))


def _hits(patch: Integers, image: Integers) -> Hits:
    """In order, each once: an outline and its copies may hold the same patch."""
    images = int(image.max(initial=0)) + 1
    pairs = np.sort(patch * images + image)
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    return Hits(pairs // images, pairs % images)
