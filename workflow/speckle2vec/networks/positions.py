"""Places of a map as numbers a network can read."""

import torch
from torch import Tensor

LONGEST = 100.0


def sinusoids(rows: int, columns: int, width: int, device: torch.device | None = None) -> Tensor:
    """Sines and cosines of the row and the column of each place, (row x column, width).

    As Vaswani et al. 2017 (arXiv:1706.03762, section 3.5) a direction: the first half of
    the numbers tells the row, the second the column. They exist for maps of any size, and
    a place keeps its numbers on a larger map. Wavelengths go from 6 to 628 places; the
    10,000 of the original are made for sentences.

    Args:
        rows: Rows of the map.
        columns: Columns of the map.
        width: Numbers a place, a multiple of 4.
        device: Where they are made.
    """
    rates = LONGEST ** -torch.linspace(0, 1, width // 4, device=device)
    down, across = (_waves(torch.arange(count, device=device), rates) for count in (rows, columns))
    half = width // 2
    places = [
        down[:, None].expand(rows, columns, half),
        across[None].expand(rows, columns, half),
    ]
    return torch.cat(places, dim=2).flatten(0, 1)


def _waves(positions: Tensor, rates: Tensor) -> Tensor:
    angles = positions[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)
