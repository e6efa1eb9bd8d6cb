"""Batches of samples, ready for a method."""

import torch
from torch import Generator, Tensor

from speckle2vec.networks.crops import side_of
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.data import Source
from speckle2vec.training.draws import Draws, random_corners
from speckle2vec.training.method import Batch


def batch_of(
    source: Source,
    rows: Tensor,
    settings: Pretrain,
    epoch: int,
    stream: int,
    device: torch.device,
) -> Batch:
    """Some samples of a source with their crops drawn.

    Args:
        source: The split.
        rows: Places of the samples in it.
        settings: The size of the crops.
        epoch: Counted from 0.
        stream: Seed of the step's random numbers.
        device: Where the batch goes.
    """
    draws = Draws(Generator(device).manual_seed(stream), len(rows), slice(0, len(rows)))
    patches = source.take(rows).to(device)
    size = side_of(patches.shape[2], patches.shape[3], settings.crop)
    return Batch(
        source=source,
        rows=rows,
        patches=patches,
        corners=random_corners(patches, size, draws),
        size=size,
        seasons=source.seasons[rows].to(device),
        epoch=epoch,
        draws=draws,
    )
