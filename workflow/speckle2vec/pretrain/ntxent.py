"""Contrastive losses over a batch: NT-Xent of SimCLR, and InfoNCE.

Embeddings of all ranks are gathered first, so that several ranks have the negatives of
one that sees the whole batch.
"""

import torch
from torch import Tensor
from torch.nn import functional

from speckle2vec.training.ranks import gather


def nt_xent(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """Normalised temperature-scaled cross entropy (Chen et al. 2020, arXiv:2002.05709, eq. 1).

    Each of the 2N embeddings has its sample's other view as the positive and the
    2N - 2 views of other samples as negatives; the mean over all 2N (report, section 5).

    Args:
        first: Embeddings of one view, (own sample, dimension).
        second: Embeddings of the other view, in the same order.
        temperature: What cosines are divided by.
    """
    with torch.autocast(first.device.type, enabled=False):
        directions = torch.cat([_directions(first), _directions(second)])
        views = len(directions)
        logits = directions @ directions.T / temperature
        itself = torch.eye(views, dtype=torch.bool, device=first.device)
        positives = torch.arange(views, device=first.device).roll(views // 2)
        return functional.cross_entropy(logits.masked_fill(itself, -torch.inf), positives)


def info_nce(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """InfoNCE by cosine (van den Oord et al. 2018, arXiv:1807.03748, eq. 4).

    The positive of an embedding is its sample's other view, the negatives are the other
    samples' other views; the mean over both directions and all samples.

    Args:
        first: Embeddings of one view, (own sample, dimension).
        second: Embeddings of the other view, in the same order.
        temperature: What cosines are divided by.
    """
    with torch.autocast(first.device.type, enabled=False):
        logits = _directions(first) @ _directions(second).T / temperature
        positives = torch.arange(len(logits), device=first.device)
        there, back = (functional.cross_entropy(each, positives) for each in (logits, logits.T))
        return (there + back) / 2


def _directions(embeddings: Tensor) -> Tensor:
    """Of unit length, float32, those of all ranks."""
    return functional.normalize(gather(embeddings).float(), dim=1)
