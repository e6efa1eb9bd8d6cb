"""Batches, draws and numbers that are the same in every run."""

import torch

from speckle2vec.training.draws import Draws
from speckle2vec.training.method import Batch
from speckle2vec.training.samples import HeldSource


def draws(samples, seed=0, own=None):
    """Random numbers for so many samples, all of them or those that are one rank's own."""
    return Draws(torch.Generator().manual_seed(seed), samples, own or slice(0, samples))


def batch(cubes, epoch=0, seed=0):
    """A batch of whole patches."""
    source = HeldSource((), (len(cubes),), torch.zeros(len(cubes), 4), cubes)
    corners = torch.zeros(len(cubes), 2, dtype=torch.long)
    rows, side = torch.arange(len(cubes)), cubes.shape[2]
    drawn = draws(len(cubes), seed)
    return Batch(source, rows, cubes, corners, side, source.seasons, epoch, drawn)


def normal(*shape, seed=1):
    """Standard normal numbers."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
