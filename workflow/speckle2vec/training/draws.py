"""Random numbers a sample, the same on however many ranks a batch is spread."""

import math
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

    def noise(self, *shape: int) -> Tensor:
        """Numbers of mean 0 and deviation 1, evenly spread, (own sample, *shape).

        Of 16 bits each, four of one draw: several times quicker on a CPU than `normal`.
        """
        device = self.generator.device
        numbers = self.samples * math.prod(shape)
        words = torch.empty(-(-numbers // 4), dtype=torch.int64, device=device)
        words.random_(-(2**63), None, generator=self.generator)
        drawn = words.view(torch.int16)[:numbers].view(self.samples, *shape)[self.own]
        return drawn.float().add_(0.5).mul_(math.sqrt(12) / 2**16)


def random_corners(patches: Tensor, size: int, draws: Draws) -> Tensor:
    """Corners (sample, 2) of squares anywhere inside the patches."""
    sides = torch.tensor(patches.shape[-2:], device=patches.device)
    room = (sides - size).clamp(min=0) + 1
    return (draws.uniform(2) * room).long()
