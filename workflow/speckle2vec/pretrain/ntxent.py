"""NT-Xent, the contrastive loss of SimCLR."""

import torch
from torch import Tensor
from torch.nn import functional


def nt_xent(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Normalised temperature-scaled cross entropy (Chen et al. 2020, arXiv:2002.05709, eq. 1).

    Each of the 2N embeddings has its sample's other view as the positive and the
    2N - 2 views of other samples as negatives; the mean over all 2N (report, section 5).

    Args:
        first: Embeddings of one view, (sample, dimension).
        second: Embeddings of the other view, in the same order.
        temperature: What cosines are divided by.
    """
    samples, device = len(first), first.device
    with torch.autocast(device.type, enabled=False):
        directions = functional.normalize(torch.cat([first, second]).float(), dim=1)
        logits = directions @ directions.T / temperature
        itself = torch.eye(2 * samples, dtype=torch.bool, device=device)
        positives = torch.arange(2 * samples, device=device).roll(samples)
        return functional.cross_entropy(logits.masked_fill(itself, -torch.inf), positives)
