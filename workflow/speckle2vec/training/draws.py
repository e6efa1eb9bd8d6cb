"""Random numbers a sample, the same on however many ranks a batch is spread."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor


@dataclass(frozen=True)
class Draws:
    """The random numbers of one step.

    Each draw is made for the whole batch and cut to this rank's samples, so that a sample
    gets the same numbers whichever rank it is on.
    """

    generator: Generator
    """The step's own stream, on the device of the cubes."""
    samples: int
    """Samples of the step, over all ranks."""
    own: slice
    """Those of this rank."""

    def uniform(self, *shape: int) -> Tensor:
        """Numbers in [0, 1), (own sample, *shape)."""
        device = self.generator.device
        drawn = torch.rand(self.samples, *shape, generator=self.generator, device=device)
        return drawn[self.own]

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers, (own sample, *shape)."""
        device = self.generator.device
        drawn = torch.randn(self.samples, *shape, generator=self.generator, device=device)
        return drawn[self.own]


def random_corners(patches: Tensor, size: int, draws: Draws) -> Tensor:
    """Corners (sample, 2) of squares anywhere inside the patches."""
    sides = torch.tensor(patches.shape[-2:], device=patches.device)
    room = (sides - size).clamp(min=0) + 1
    return (draws.uniform(2) * room).long()
