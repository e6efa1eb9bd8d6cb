"""Principal axes of rows that come block after block."""

import itertools
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

LEAST_SHARE = 1e-10


def principal_axes(blocks: Iterable[Tensor], most: int) -> tuple[Tensor, Tensor]:
    """Mean (number) and orthonormal axes (axis, number) of rows, largest variance first.

    Of few rows by their products with each other, else by their covariance, so that the
    matrix whose eigenvectors are sought is never larger than a row is long. Along each
    axis the number that is largest without its sign is positive: else the sign would be
    arbitrary. Axes whose variance is below 1e-10 of the largest are left out.

    Args:
        blocks: Rows (row, number), float64; together at least one.
        most: The most axes.
    """
    pieces = _pieces(blocks)
    first = next(pieces)
    second = next(pieces, None)
    if second is None:
        mean = first.mean(dim=0)
        axes = _of_few(first - mean, most)
    else:
        moments = Moments(first)
        for piece in itertools.chain([second], pieces):
            moments.add(piece)
        mean = moments.mean
        axes = _largest(moments.scatter, most)[1].T
    return mean, _signed(axes)


class Moments:
    """Count, mean and scatter of rows (Chan, Golub and LeVeque 1983), in float64."""

    def __init__(self, rows: Tensor) -> None:
        self.count = len(rows)
        self.mean = rows.mean(dim=0)
        self.scatter = _scatter(rows - self.mean)

    def add(self, rows: Tensor) -> None:
        """Count more rows."""
        count, mean = len(rows), rows.mean(dim=0)
        step = mean - self.mean
        total = self.count + count
        self.scatter += _scatter(rows - mean)
        self.scatter += torch.outer(step, step) * (self.count * count / total)
        self.mean = self.mean + step * (count / total)
        self.count = total


def _pieces(blocks: Iterable[Tensor]) -> Iterator[Tensor]:
    """The same rows in pieces of more rows than a row has numbers, but for the last."""
    held: list[Tensor] = []
    for block in blocks:
        held.append(block)
        if sum(map(len, held)) > block.shape[1]:
            yield torch.cat(held)
            held = []
    if held:
        yield torch.cat(held)


def _of_few(rows: Tensor, most: int) -> Tensor:
    """Axes (axis, number) of centred rows."""
    if len(rows) > rows.shape[1]:
        return _largest(_scatter(rows), most)[1].T
    variances, vectors = _largest(rows @ rows.T, most)
    return (vectors / variances.sqrt()).T @ rows


def _largest(matrix: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Largest eigenvalues, and their eigenvectors (number, vector), largest first."""
    values, vectors = torch.linalg.eigh(matrix)
    values, vectors = values.flip(0)[:most], vectors.flip(1)[:, :most]
    kept = values > LEAST_SHARE * values[0].clamp(min=torch.finfo(values.dtype).tiny)
    return values[kept], vectors[:, kept]


def _scatter(rows: Tensor) -> Tensor:
    return rows.T @ rows


def _signed(axes: Tensor) -> Tensor:
    largest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))
    return axes * largest.sign()
