"""How much what a network says counts, from the middle of an image to its edge."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


def edge_weights(shape: Sequence[int]) -> FloatArray:
    """Weights of an image's pixels, (y, x): 1 in the middle, falling linearly to the edge.

    Networks know least where they see least, at the edge; and a mean with such weights has
    no seam where an image ends.
    """
    rows, columns = (np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5 for n in shape)
    distance = np.minimum(rows[:, None], columns)
    weights: FloatArray = (distance / distance.max()).astype(np.float32)
    return weights
