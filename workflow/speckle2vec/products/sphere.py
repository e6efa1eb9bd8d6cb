"""Places on the sphere, and the arcs between them.

Unit vectors know neither antimeridian nor poles, so nothing special happens there. The
sphere stands for the ellipsoid: within a degree, an arc differs from the WGS 84 geodesic
over the mean radius by 0.6 % at most (north-south on the equator).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.floating[Any]]
DoubleArray = npt.NDArray[np.float64]


def unit_vectors(longitude: Vector, latitude: Vector) -> DoubleArray:
    """Places as points on the unit sphere, (place, 3); NaN where a place is not known.

    Args:
        longitude: Degrees, (place).
        latitude: Degrees, (place).
    """
    east, north = (np.radians(np.asarray(axis, dtype=np.float64)) for axis in (longitude, latitude))
    return np.stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1
    )


def chord_of(arcs: DoubleArray | float) -> DoubleArray:
    """The straight lines through the unit sphere under arcs of so many degrees."""
    return np.asarray(2 * np.sin(np.radians(arcs) / 2))


def arc_of(chords: DoubleArray) -> DoubleArray:
    """Degrees along the great circle over chords of the unit sphere."""
    return np.asarray(np.degrees(2 * np.arcsin(np.minimum(chords / 2, 1))))
