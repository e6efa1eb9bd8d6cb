"""The samples of one split that are near a place, by a k-d tree of unit vectors."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.products.sphere import arc_of, chord_of
from speckle2vec.settings.stages import Neighbours

IntArray = npt.NDArray[np.int64]
DoubleArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """The places of one split, and how to find those near."""

    rows: IntArray
    """Their rows among all samples, ascending."""
    tree: Any
    """Their unit vectors in a k-d tree."""

    def near(
        self, vectors: DoubleArray, rows: IntArray, wanted: Neighbours
    ) -> tuple[IntArray, DoubleArray]:
        """Neighbours of some samples of the split, the nearest first.

        Args:
            vectors: The samples on the unit sphere, (sample, 3).
            rows: Their own rows among all samples, (sample); none is its own neighbour.
            wanted: What counts as near.

        Returns:
            Rows among all samples, and degrees; both (sample, neighbour), the degrees
            infinite where there are no more.
        """
        found, degrees = self._query(vectors, rows, wanted.most, wanted.radius)
        alone = ~np.isfinite(degrees[:, 0])
        width = max(wanted.most, wanted.nearest)
        found, degrees = _widened(found, 0, width), _widened(degrees, np.inf, width)
        if alone.any():
            nearest = self._query(vectors[alone], rows[alone], wanted.nearest, 180.0)
            found[alone, : wanted.nearest], degrees[alone, : wanted.nearest] = nearest
        return found, degrees

    def _query(
        self, vectors: DoubleArray, rows: IntArray, most: int, radius: float
    ) -> tuple[IntArray, DoubleArray]:
        """The nearest so many within a radius, by distance, then in catalogue order."""
        bound = float(chord_of(radius)) if radius < 180 else np.inf
        chords, places = self.tree.query(vectors, k=most + 1, distance_upper_bound=bound)
        found = np.append(self.rows, -1)[places]
        degrees = np.where(np.isfinite(chords), arc_of(chords), np.inf)
        degrees[found == rows[:, None]] = np.inf
        order = np.lexsort((found, degrees), axis=1)[:, :most]
        return np.take_along_axis(found, order, 1), np.take_along_axis(degrees, order, 1)


def _widened(values: npt.NDArray[Any], filling: float, width: int) -> npt.NDArray[Any]:
    missing = ((0, 0), (0, width - values.shape[1]))
    return np.pad(values, missing, constant_values=filling)
