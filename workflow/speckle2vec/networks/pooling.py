"""A map as numbers that no longer know where they were."""

import torch
from torch import Tensor

LEAST_VARIANCE = 1e-5


def mean_std(maps: Tensor) -> Tensor:
    """Mean and standard deviation of each channel, (sample, 2 x channel), means first.

    In at least float32, whatever the map's type: the variance of numbers of 8 bits would
    be noise. A small constant, as in batch normalisation, is added to the variance, so
    that a constant map has a gradient: 0 instead of an infinite one.

    Args:
        maps: (sample, channel, y, x).
    """
    values = maps.to(torch.promote_types(maps.dtype, torch.float32))
    variance, mean = torch.var_mean(values, dim=(2, 3), correction=0)
    return torch.cat([mean, (variance + LEAST_VARIANCE).sqrt()], dim=1)
