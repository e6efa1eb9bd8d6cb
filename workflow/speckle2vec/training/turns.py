"""Images mirrored and turned by quarters, and back: no pixel is changed, only moved."""

import torch
from torch import Tensor

from speckle2vec.training.draws import Draws


def drawn_turns(draws: Draws, square: bool = True) -> Tensor:
    """One of eight orientations a sample, each as likely; of four where it is not square.

    Returns:
        Whether to mirror rows, to mirror columns, and to swap both, (sample, 3, 1, 1, 1) in
        truth values.
    """
    chosen = draws.uniform(3, 1, 1, 1) < 0.5
    if not square:
        chosen[:, 2] = False
    return chosen


def turned(images: Tensor, chosen: Tensor) -> Tensor:
    """Each image in the orientation chosen for it.

    Args:
        images: (sample, channel, y, x).
        chosen: What `drawn_turns` gives.
    """
    images = torch.where(chosen[:, 0], images.flip(2), images)
    images = torch.where(chosen[:, 1], images.flip(3), images)
    return _swapped(images, chosen)


def turned_back(images: Tensor, chosen: Tensor) -> Tensor:
    """What `turned` has turned, as it was."""
    images = _swapped(images, chosen)
    images = torch.where(chosen[:, 1], images.flip(3), images)
    return torch.where(chosen[:, 0], images.flip(2), images)


def _swapped(images: Tensor, chosen: Tensor) -> Tensor:
    if images.shape[2] != images.shape[3]:
        return images
    return torch.where(chosen[:, 2], images.transpose(2, 3), images)
