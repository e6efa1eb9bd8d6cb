"""Squares cut from patches, a corner a sample."""

import torch
from torch import Tensor

from speckle2vec.errors import UserError

MULTIPLE = 32
"""Sides of what encoders see are multiples of this."""


def crop(patches: Tensor, corners: Tensor, size: int) -> Tensor:
    """Cut a square from each patch; what lies outside a patch is its reflection.

    Args:
        patches: (sample, feature, y, x).
        corners: First row and column of each square, (sample, 2), whole numbers; a square
            may reach beyond the patch by less than the patch's side.
        size: Side of the squares, pixels.
    """
    if patches.shape[-2:] == (size, size) and not corners.any():
        return patches
    steps = torch.arange(size, device=patches.device)
    rows = _reflected(corners[:, :1] + steps, patches.shape[2])
    columns = _reflected(corners[:, 1:] + steps, patches.shape[3])
    samples = torch.arange(len(patches), device=patches.device)[:, None, None]
    cut = patches[samples, :, rows[:, :, None], columns[:, None, :]]
    return cut.permute(0, 3, 1, 2)


def centres(patches: Tensor, size: int) -> Tensor:
    """Corners (sample, 2) of the squares in the middle of the patches."""
    sides = torch.tensor(patches.shape[-2:], device=patches.device)
    return ((sides - size) // 2).clamp(min=0).repeat(len(patches), 1)


def side_of(height: int, width: int, most: int) -> int:
    """Side of the squares that are cut from patches: a multiple of 32, no larger than `most`.

    Raises:
        UserError: A patch is smaller than 32 pixels, the least that encoders take.
    """
    side = min(height, width, most) // MULTIPLE * MULTIPLE
    if not side:
        raise UserError(
            f"The patches are {height} x {width} pixels and encoders take {MULTIPLE} at least; "
            "raise the size of the features in `preprocess`, or `tile` of the corpus."
        )
    return side


def _reflected(positions: Tensor, side: int) -> Tensor:
    """Positions beyond the ends, mirrored at the first and last pixel."""
    positions = positions.abs()
    return (side - 1) - ((side - 1) - positions).abs()
