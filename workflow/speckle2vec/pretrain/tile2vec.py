"""Tile2Vec: tiles near each other shall be alike, tiles far apart shall not."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.crops import crop
from speckle2vec.pretrain.places import TRIES, Places
from speckle2vec.pretrain.triplet_checks import check_known, check_room, places_of
from speckle2vec.settings.methods import Tile2vec
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.draws import random_corners
from speckle2vec.training.method import Batch, Method
from speckle2vec.training.samples import Samples, Source
from speckle2vec.training.turns import drawn_turns, turned


def build(
    encoder: Encoder,
    settings: Pretrain,
    features: Sequence[str],  # noqa: ARG001
    side: int,
) -> "Tile2vecMethod":
    """The method with the settings of the group `tile2vec`."""
    return Tile2vecMethod(encoder, settings.tile2vec, side)


class Tile2vecMethod(Method):
    """Tile2Vec (Jean et al. 2019, arXiv:1805.02855; paper, section 3.2).

    With the embeddings a of an anchor, n of a neighbour and d of a distant tile, and
    Euclidean distances, the loss of a triplet is

        max(0, |a - n| - |a - d| + margin) + penalty * (|a| + |n| + |d|) / 3

    and that of a batch its mean over the anchors. A neighbour at a distance of x degrees
    is drawn with the chance softmax(-x / tau) among the anchor's neighbours, or with
    softmax(x / tau), as the paper prints it; a distant tile from all samples of the split
    outside the neighbourhood, each as likely. Nothing is trained beside the encoder.

    In the variant `patch`, as in the original, the neighbour is another crop of the
    anchor's patch and the distant tile any other sample; no positions are needed.
    """

    def __init__(self, encoder: Encoder, settings: Tile2vec, side: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.settings = settings
        self.side = side

    def attach(self, samples: Samples) -> None:
        """See that there are neighbours to draw, and read who they are.

        Raises:
            UserError: There is no table of neighbours, no training sample is in it, or the
                patches leave no room for another crop.
        """
        self.train_ids = samples.train.ids
        if self.settings.neighbour == "patch":
            check_room(samples.train.shape, self.side)
            return
        device = next(self.parameters()).device
        self.train_places = places_of(samples.neighbours, samples.train, device)
        self.held_out_places = self.train_places
        if not samples.held_out_is_training:
            self.held_out_places = places_of(samples.neighbours, samples.held_out, device)
        check_known(self.train_places, samples)

    def forward(self, batch: Batch) -> Tensor:
        """The mean loss of the anchors, each with a neighbour and a distant tile drawn."""
        by_patch = self.settings.neighbour == "patch"
        near, far, known = _by_patch(batch) if by_patch else self._by_table(batch)
        cubes = [batch.cubes, near.cubes, far.cubes]
        if self.settings.turn:
            cubes = [turned(tiles, drawn_turns(batch.draws)) for tiles in cubes]
        tiles = torch.cat(cubes)
        seasons = torch.cat([batch.seasons, near.seasons, far.seasons])
        embedded = self.encoder(tiles, seasons).float()
        anchors, near_ones, far_ones = embedded.chunk(3)
        losses = triplet_losses(anchors, near_ones, far_ones, self.settings.margin)
        return (losses * known).mean() + self.settings.penalty * _norms(embedded).mean()

    def _by_table(self, batch: Batch) -> "Drawn":
        """Two other samples an anchor; where it has no neighbour, it does not count."""
        places = self._places_of(batch.source)
        device = batch.patches.device
        rows = batch.rows.to(device)
        sign = -1 if self.settings.prefer == "nearer" else 1
        near = places.near(rows, sign / self.settings.tau, batch.draws.uniform(1))
        far = places.far(rows, batch.draws.uniform(TRIES))
        return _others(batch, near), _others(batch, far), places.known(rows)

    def _places_of(self, source: Source) -> Places:
        """By the ids, since the engine may have moved the samples themselves."""
        return self.train_places if source.ids == self.train_ids else self.held_out_places


class Tiles(NamedTuple):
    """Cubes (sample, feature, y, x) and the seasons of their dates (sample, 4)."""

    cubes: Tensor
    seasons: Tensor


Drawn = tuple[Tiles, Tiles, Tensor]
"""A neighbour and a distant tile of each anchor, and which anchors count, (sample)."""


def triplet_losses(anchors: Tensor, near: Tensor, far: Tensor, margin: float) -> Tensor:
    """How much nearer the neighbours would have to be, (sample), of embeddings (sample, width)."""
    return (_norms(anchors - near) - _norms(anchors - far) + margin).relu()


def _norms(embeddings: Tensor) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(embeddings, dim=1)
    return norms


def _others(batch: Batch, rows: Tensor) -> Tiles:
    seasons = batch.source.seasons
    return Tiles(batch.others(rows), seasons[rows.to(seasons.device)].to(batch.seasons.device))


def _by_patch(batch: Batch) -> Drawn:
    """Another crop of the same patch, and any other sample of the split."""
    corners = random_corners(batch.patches, batch.size, batch.draws)
    near = Tiles(crop(batch.patches, corners, batch.size), batch.seasons)
    total = len(batch.source)
    steps = 1 + (batch.draws.uniform(1)[:, 0].double() * (total - 1)).long()
    far = (batch.rows.to(steps.device) + steps) % total
    return near, _others(batch, far), torch.ones_like(steps)
