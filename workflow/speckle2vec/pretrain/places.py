"""Where samples are, and draws of near and far ones."""

from dataclasses import dataclass

import torch
from torch import Tensor

TRIES = 16
LOOKED_AT = 256
ROWS_TOGETHER = 1024


@dataclass(frozen=True)
class Places:
    """Where the samples of one split are, and what is near them. One row a sample."""

    vectors: Tensor
    """Positions on the unit sphere, (sample, 3), float64; NaN where not known."""
    neighbours: Tensor
    """Rows of the neighbours, (sample, neighbour), the nearest first."""
    degrees: Tensor
    """Great-circle distances to them, float64; infinite where there are no more."""
    reach: Tensor
    """Squared chord that the neighbourhood reaches to, (sample): the radius, or the
    farthest neighbour where that is farther."""

    def to(self, device: torch.device) -> "Places":
        """The same on a device."""
        return Places(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))

    def known(self, rows: Tensor) -> Tensor:
        """Which samples have a neighbour to be drawn, (row)."""
        return self.degrees[rows, 0].isfinite()

    def near(self, rows: Tensor, sharpness: float, drawn: Tensor) -> Tensor:
        """One neighbour of each sample, with the chances softmax(sharpness * degrees).

        Args:
            rows: The samples, (row).
            sharpness: -1 / tau where nearer ones shall be likelier, 1 / tau where farther.
            drawn: Uniform numbers in [0, 1), (row, 1).

        Returns:
            Rows of the neighbours; any row where a sample has none.
        """
        degrees = self.degrees[rows]
        there = degrees.isfinite()
        scores = torch.where(there, sharpness * degrees, -torch.inf)
        sums = scores.softmax(dim=1).nan_to_num(0).cumsum(dim=1)
        place = torch.searchsorted(sums, drawn.double() * sums[:, -1:], right=True)
        last = (there.sum(dim=1, keepdim=True) - 1).clamp(min=0)
        return self.neighbours[rows].gather(1, place.minimum(last))[:, 0]

    def far(self, rows: Tensor, drawn: Tensor) -> Tensor:
        """One sample outside the neighbourhood of each, all of them as likely.

        The first of some drawn from the whole split that is outside; the farthest of them
        where none is.

        Args:
            rows: The samples, (row).
            drawn: Uniform numbers in [0, 1), (row, try).
        """
        tried = (drawn.double() * len(self.vectors)).long()
        apart = self._squares(self.vectors[rows, None], self.vectors[tried])
        outside = apart > self.reach[rows, None]
        first = outside.int().argmax(dim=1, keepdim=True)
        farthest = apart.nan_to_num(-1).argmax(dim=1, keepdim=True)
        chosen = torch.where(outside.any(dim=1, keepdim=True), first, farthest)
        return tried.gather(1, chosen)[:, 0]

    def enclosed(self) -> int:
        """How many samples have every other, of some looked at, in their neighbourhood."""
        step = max(len(self.vectors) // LOOKED_AT, 1)
        seen = self.vectors[::step]
        blocks = (torch.split(values, ROWS_TOGETHER) for values in (self.vectors, self.reach))
        inside = [
            ~(self._squares(vectors[:, None], seen) > reach[:, None]).any(dim=1)
            for vectors, reach in zip(*blocks, strict=True)
        ]
        return int((torch.cat(inside) & self.degrees[:, 0].isfinite()).sum())

    @staticmethod
    def _squares(one: Tensor, other: Tensor) -> Tensor:
        """Squared chords between points of the unit sphere."""
        return (one - other).square().sum(dim=-1)
