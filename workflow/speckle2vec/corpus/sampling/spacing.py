"""Places that keep a distance from each other."""

from itertools import product

import numpy as np
import numpy.typing as npt

from speckle2vec.products.sphere import chord_of, unit_vectors

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG): great-circle distances are those of this sphere."""
_AROUND = tuple(product((-1, 0, 1), repeat=3))
Vector = tuple[float, float, float]


class Spacing:
    """The places so far, and whether another one is far enough from all of them.

    Unit vectors lie in cubes whose side is the least chord: what is nearer than that lies
    in the same cube or in one that touches it.
    """

    def __init__(self, kilometres: float) -> None:
        """Start without a place.

        Args:
            kilometres: Least great-circle distance, more than 0.
        """
        self._chord = float(chord_of(np.degrees(min(kilometres / EARTH_KM, np.pi))))
        self._cubes: dict[tuple[int, int, int], list[Vector]] = {}

    def admit(self, vector: Vector) -> bool:
        """Take in a place if it is far enough from all before, and say whether it is.

        Args:
            vector: The place on the unit sphere.
        """
        x, y, z = (int(axis // self._chord) for axis in vector)
        for across, along, up in _AROUND:
            for other in self._cubes.get((x + across, y + along, z + up), ()):
                if _squared(vector, other) < self._chord**2:
                    return False
        self._cubes.setdefault((x, y, z), []).append(vector)
        return True


def _squared(one: Vector, other: Vector) -> float:
    x, y, z = one[0] - other[0], one[1] - other[1], one[2] - other[2]
    return x * x + y * y + z * z


def vectors_of(places: npt.NDArray[np.float64]) -> list[Vector]:
    """Longitudes and latitudes in degrees, (place, 2), as points on the unit sphere."""
    vectors: list[Vector] = [
        (x, y, z) for x, y, z in unit_vectors(places[:, 0], places[:, 1]).tolist()
    ]
    return vectors
