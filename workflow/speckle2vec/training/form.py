"""How samples are kept in memory, and what a training gets of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speckle2vec.products.statistics import Statistics, normalise


@dataclass(frozen=True)
class Form:
    """What is kept of a cube, and what is given of what is kept.

    Half precision is kept as it is stored and normalised when taken, at half the memory;
    everything else is normalised once, when it is read.
    """

    shape: tuple[int, int, int]
    """Feature, y, x of a patch; larger patches keep their centre."""
    dtype: np.dtype[Any]
    """Stored type of the cubes."""
    statistics: Statistics
    """What the features are normalised with."""

    @property
    def halved(self) -> bool:
        """Whether patches are kept as float16."""
        return bool(self.dtype == np.float16)

    @property
    def sample_bytes(self) -> int:
        """What one sample takes in memory."""
        return int(np.prod(self.shape)) * (2 if self.halved else 4)

    def kept(self, cubes: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Cubes (sample, feature, y, x) as read, in the form they are kept in."""
        top, left = (
            (side - kept) // 2 for side, kept in zip(cubes.shape[2:], self.shape[1:], strict=True)
        )
        centre = cubes[:, :, top : top + self.shape[1], left : left + self.shape[2]]
        return centre if self.halved else normalise(centre, self.statistics)

    def given(self, kept: Tensor) -> Tensor:
        """Normalised patches, float32, of those kept; the same numbers as `normalise`."""
        if not self.halved:
            return kept
        mean, factor = (
            torch.from_numpy(numbers.astype(np.float32))[:, None, None].to(kept.device)
            for numbers in self.statistics.scale()
        )
        return kept.float().sub_(mean).nan_to_num_(0, 0, 0).mul_(factor)
