"""What fine-tuning on labelled places asks of a network: the class of a sample."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from speckle2vec.networks.base import Encoder
from speckle2vec.provenance import stream_seed
from speckle2vec.training.method import Batch, Method
from speckle2vec.training.turns import drawn_turns, turned


class PlaceMethod(Method):
    """An encoder and one linear layer on its embeddings, trained by cross-entropy.

    The paper's second task (coal mines) with whatever classes a user has.

    Args:
        encoder: The trained encoder.
        labels: Class by sample id, counted from 0.
        classes: How many classes there are.
        turn: Whether images are mirrored and turned.
        weights: Weight of each class, (class); all alike where it is left out.
        seed: Seed of the layer's first weights.
    """

    embeds: ClassVar[bool] = False

    def __init__(
        self,
        encoder: Encoder,
        labels: Mapping[str, int],
        classes: int,
        turn: bool,
        weights: Tensor | None,
        seed: int,
    ) -> None:
        super().__init__()
        self.encoder, self.labels, self.turn = encoder, labels, turn
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(stream_seed(seed, "weights", "places"))
            self.layer = nn.Linear(encoder.width, classes)
        self.weights: Tensor | None
        self.register_buffer("weights", weights, persistent=False)

    def logits(self, cubes: Tensor, seasons: Tensor) -> Tensor:
        """Logits (sample, class) of normalised cubes (sample, channel, y, x)."""
        return self.layer(self.encoder(cubes, seasons)).float()  # type: ignore[no-any-return]

    def forward(self, batch: Batch) -> Tensor:
        """Mean loss of the samples, weighted by their classes."""
        cubes = batch.cubes
        if self.turn and self.training:
            cubes = turned(cubes, drawn_turns(batch.draws))
        logits = self.logits(cubes, batch.seasons)
        return functional.cross_entropy(logits, self._targets(batch), self.weights)

    def judge(self, batch: Batch) -> tuple[float, float]:
        """The mean loss, and the weight of the samples it is the mean of."""
        targets = self._targets(batch)
        weight = len(targets) if self.weights is None else float(self.weights[targets].sum())
        return float(self(batch)), weight

    def _targets(self, batch: Batch) -> Tensor:
        found = [self.labels[batch.source.ids[row]] for row in batch.rows.tolist()]
        return torch.tensor(found, device=batch.patches.device)
