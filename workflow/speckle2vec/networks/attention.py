"""Every place of a map looks at every other."""

import torch
from torch import Tensor, nn

REDUCTION = 8


class SelfAttention(nn.Module):
    """Self-attention of SAGAN (Zhang et al. 2019, arXiv:1805.08318; paper, Table 4).

    1x1 convolutions with bias give queries and keys of an eighth of the channels, and
    values of all. The energy of two places is the product of query and key; the paper
    does not scale it by the root of their length, as Transformers do. Softmax over the N
    places; `gamma * out + x` with one gamma that starts at 0, so the map is at first
    passed on as it is, and queries, keys and values learn from the second step on.

    The keys' bias adds the same to a whole row of energies, which the softmax takes away
    again: it is in the paper's counts, and learns nothing. The energies take N x N
    numbers a sample: 256 kB for the 16 x 16 places of a crop of 128.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.query = nn.Conv2d(channels, channels // REDUCTION, kernel_size=1)
        self.key = nn.Conv2d(channels, channels // REDUCTION, kernel_size=1)
        self.value = nn.Conv2d(channels, channels, kernel_size=1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, maps: Tensor) -> Tensor:
        """The map with what its places saw, (sample, channel, y, x)."""
        queries, keys, values = (
            part(maps).flatten(2) for part in (self.query, self.key, self.value)
        )
        shares = torch.softmax(queries.transpose(1, 2) @ keys, dim=2)
        seen: Tensor = values @ shares.transpose(1, 2)
        return self.gamma * seen.reshape(maps.shape) + maps
