"""What fine-tuning asks of a network: the class of every labelled pixel."""

from collections import defaultdict
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from speckle2vec.landcover.finetuning.fits import Fit
from speckle2vec.landcover.finetuning.label_shelf import LabelShelf
from speckle2vec.networks.base import Encoder
from speckle2vec.networks.crops import crop
from speckle2vec.networks.segmenter import Segmenter, on_grid
from speckle2vec.products.labels import CountArray
from speckle2vec.training.draws import Draws
from speckle2vec.training.method import Batch, Method
from speckle2vec.training.turns import drawn_turns, turned, turned_back

NO_CLASS = -1
"""What is left of nodata when classes are counted from 0."""


class Segmentation(Method):
    """Cross-entropy of logits, pixel by pixel, nodata ignored (paper, section 3.3).

    The public code of the paper takes the softmax twice (FACTS section 4); here it is taken
    once. Logits are brought to the grid of the labels, not labels to that of the logits.

    Args:
        segmenter: Encoder and decoder.
        labels: Labels of the samples; for `Fit.NATIVE` laid out like the patches.
        fit: How cubes lie on labels.
        frozen: Whether the encoder stays as it is, to the last bit.
        turn: Whether images are mirrored and turned.
        weights: Weight of each class, (class); all alike where it is left out.
    """

    embeds: ClassVar[bool] = False

    def __init__(
        self,
        segmenter: Segmenter,
        labels: LabelShelf,
        fit: Fit,
        frozen: bool,
        turn: bool,
        weights: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.segmenter, self.labels = segmenter, labels
        self.fit, self.frozen, self.turn = fit, frozen, turn
        self.weights: Tensor | None
        self.register_buffer("weights", weights, persistent=False)
        if frozen:
            self.encoder.requires_grad_(False)

    @property
    def encoder(self) -> Encoder:  # type: ignore[override]
        """The encoder inside the segmenter."""
        return self.segmenter.encoder

    def train(self, mode: bool = True) -> "Segmentation":
        """Train or not; a frozen encoder never does, so its batch statistics do not move."""
        super().train(mode)
        if self.frozen:
            self.encoder.eval()
        return self

    def forward(self, batch: Batch) -> Tensor:
        """Mean loss of the labelled pixels, weighted by their classes; 0 where there are none."""
        total, weight = self._summed(batch)
        return total / weight.clamp(min=torch.finfo(weight.dtype).tiny)

    def judge(self, batch: Batch) -> tuple[float, float]:
        """The mean loss, and the weight of the pixels it is the mean of."""
        total, weight = map(float, self._summed(batch))
        return total / weight if weight else 0.0, weight

    def _summed(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Summed loss of the labelled pixels, and the sum of their weights."""
        cubes = batch.patches if self.fit is Fit.WHOLE else batch.cubes
        logits = self._logits(cubes, batch.seasons, batch.draws)
        sums = [
            summed_loss(on_grid(logits[rows], *labels.shape[1:]), labels, self.weights)
            for rows, labels in self._labels(batch)
        ]
        totals, weights = zip(*sums, strict=True)
        return torch.stack(totals).sum(), torch.stack(weights).sum()

    def _logits(self, cubes: Tensor, seasons: Tensor, draws: Draws) -> Tensor:
        """Logits of cubes as they lie, though the network may have seen them turned."""
        if not (self.turn and self.training):
            return _plain(self.segmenter(cubes, seasons))
        chosen = drawn_turns(draws, square=cubes.shape[2] == cubes.shape[3])
        logits = _plain(self.segmenter(turned(cubes, chosen), seasons))
        return turned_back(logits, chosen)

    def _labels(self, batch: Batch) -> Iterator[tuple[Tensor, Tensor]]:
        """Places in the batch, and labels (sample, y, x), of the samples of each shape."""
        taken = self.labels.take([batch.source.ids[row] for row in batch.rows.tolist()])
        by_shape: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for index, one in enumerate(taken):
            by_shape[one.shape].append(index)
        device = batch.patches.device
        for indices in by_shape.values():
            rows = torch.tensor(indices, device=device)
            labels = torch.from_numpy(np.stack([taken[index] for index in indices])).to(device)
            if self.fit is Fit.NATIVE:
                labels = crop(labels[:, None], batch.corners[rows], batch.size)[:, 0]
            yield rows, labels


def summed_loss(
    logits: Tensor, labels: Tensor, weights: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Summed cross-entropy of the labelled pixels, and the sum of their weights.

    Args:
        logits: (sample, class, y, x).
        labels: (sample, y, x) class indices from 1; 0 is ignored.
        weights: Of the classes, (class).
    """
    targets = labels.long() - 1
    losses = functional.cross_entropy(
        logits, targets, weights, ignore_index=NO_CLASS, reduction="none"
    )
    if weights is None:
        return losses.sum(), (targets != NO_CLASS).sum().float()
    return losses.sum(), weights[targets[targets != NO_CLASS]].sum()


def balanced(pixels: CountArray) -> Tensor:
    """Weights of classes that make all count alike; 0 for those without a pixel.

    Args:
        pixels: Training pixels, (class).
    """
    present = pixels > 0
    weights = np.zeros(len(pixels))
    weights[present] = pixels.sum() / (present.sum() * pixels[present])
    return torch.from_numpy(weights.astype(np.float32))


def _plain(logits: Tensor) -> Tensor:
    """Logits in the memory order in which few channels are interpolated quickest."""
    return logits.float().contiguous()
