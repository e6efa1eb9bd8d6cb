"""What tells how likely each class is in each pixel of a sample."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from speckle2vec.products.cubes import CubeShard
from speckle2vec.products.labels import LabelClass

FloatArray = npt.NDArray[np.float32]


class Segmenter(Protocol):
    """A trained segmenter, such as `segment.LoadedSegmenter`."""

    @property
    def classes(self) -> tuple[LabelClass, ...]:
        """The class table, in the order of the probabilities."""
        ...

    def probabilities(self, shard: CubeShard, position: int, shape: tuple[int, int]) -> FloatArray:
        """Probabilities (class, y, x) on a sample's own grid; all 0 where nothing is known.

        Args:
            shard: An open shard of cubes.
            position: Of the sample in it.
            shape: Height and width of the sample's own grid.

        Raises:
            UserError: The cubes are not of the kind it was trained on.
        """
        ...
