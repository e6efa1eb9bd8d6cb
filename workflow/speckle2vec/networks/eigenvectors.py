"""Principal axes of rows that come block after block."""

from collections.abc import Iterable

import torch
from torch import Tensor


def principal_axes(blocks: Iterable[Tensor], share: float, most: int) -> tuple[Tensor, Tensor]:
    """Mean (number) and orthonormal axes (axis, number) of rows, largest variance first.

    The fewest axes that carry a share of the variance; none where all rows are alike.
    Along each axis the number that is largest without its sign is positive: else the
    sign would be arbitrary. Memory is that of one block and of the covariance.

    Args:
        blocks: Rows (row, number), float64; together at least one.
        share: Share of the variance, 0 to 1.
        most: The most axes.
    """
    moments = Moments()
    for block in blocks:
        moments.add(block)
    variances, vectors = torch.linalg.eigh(moments.scatter)
    variances, axes = variances.flip(0).clamp(min=0), vectors.flip(1).T
    carried = variances.cumsum(0) - variances
    needed = int((carried < share * variances.sum()).sum())
    return moments.mean, _signed(axes[: min(needed, most)])


class Moments:
    """Count, mean and scatter of rows (Chan, Golub and LeVeque 1983), in float64."""

    count = 0
    mean: Tensor
    scatter: Tensor

    def add(self, rows: Tensor) -> None:
        """Count more rows (row, number)."""
        if not len(rows):
            return
        if not self.count:
            self.mean = torch.zeros(rows.shape[1], dtype=rows.dtype)
            self.scatter = torch.zeros(rows.shape[1], rows.shape[1], dtype=rows.dtype)
        count, mean = len(rows), rows.mean(dim=0)
        centred, step = rows - mean, mean - self.mean
        total = self.count + count
        self.scatter += centred.T @ centred
        self.scatter += torch.outer(step, step) * (self.count * count / total)
        self.mean = self.mean + step * (count / total)
        self.count = total


def _signed(axes: Tensor) -> Tensor:
    largest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))
    return axes * largest.sign()
