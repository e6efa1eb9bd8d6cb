"""Contrastive sensor fusion: two views of a sample that see other bands and crops."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.crops import crop
from speckle2vec.pretrain.colour import colour_matrices, recoloured, visible_bands
from speckle2vec.pretrain.ntxent import info_nce
from speckle2vec.settings.methods import Csf, Ramp
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.draws import Draws
from speckle2vec.training.method import Batch, Method
from speckle2vec.training.ranks import gather


def build(
    encoder: Encoder,
    settings: Pretrain,
    features: Sequence[str],
    side: int,  # noqa: ARG001
) -> "CsfMethod":
    """The method with the settings of the group `csf`."""
    return CsfMethod(encoder, settings.csf, features)


class CsfMethod(Method):
    """Contrastive sensor fusion (paper, section 4; Swope et al. 2021, arXiv:2108.05094).

    As in the paper the loss is a triplet of Euclidean distances, with another sample of
    the batch, drawn at random, as the one to be far from. The original's InfoNCE is a
    setting. Nothing but the encoder is trained.
    """

    def __init__(self, encoder: Encoder, settings: Csf, features: Sequence[str]) -> None:
        super().__init__()
        self.encoder = encoder
        self.settings = settings
        self.features = tuple(features)

    def forward(self, batch: Batch) -> Tensor:
        """The loss of two views of each sample."""
        strengths = Strengths.at(self.settings, batch.epoch)
        views = [csf_view(batch, self.features, strengths) for _ in range(2)]
        first, second = (self.encoder(view, batch.seasons) for view in views)
        if self.settings.loss == "infonce":
            return info_nce(first, second, self.settings.temperature)
        return triplet(first, second, self.settings.margin, batch.draws)


@dataclass(frozen=True)
class Strengths:
    """How far views may go in one epoch; the fields of `Csf` of the same names."""

    shift: float
    radar_dropout: float
    optical_dropout: float
    brightness: float
    contrast: float
    saturation: float
    hue: float

    @classmethod
    def at(cls, settings: Csf, epoch: int) -> "Strengths":
        """The strengths of an epoch, counted from 0."""
        done = ramped(settings, epoch)
        return cls(
            **{name: _between(getattr(settings, name), done) for name in cls.__annotations__}
        )


def ramped(settings: Csf, epoch: int) -> float:
    """How much of the ramp is done: 0 during the warm-up, then a line to 1, which holds."""
    after = epoch - settings.warm_up_epochs
    if after < 0:
        return 0.0
    return min(after / settings.ramp_epochs, 1.0) if settings.ramp_epochs else 1.0


def csf_view(batch: Batch, features: Sequence[str], strengths: Strengths) -> Tensor:
    """One random view of each sample, (sample, feature, size, size).

    In this order: another crop nearby, saturation and hue of the visible bands, contrast
    and brightness a feature, and features set to their mean. One draw a sample.

    Args:
        batch: The samples, whose patches are not changed.
        features: Names; `B01`, `B8A` are optical, what is no band is of the radar.
        strengths: How far a view may go; 0 leaves an operation out.
    """
    draws = batch.draws
    with torch.no_grad():
        view = crop(batch.patches, _shifted(batch, strengths.shift), batch.size)
        view = view.clone() if view is batch.patches else view
        bands = visible_bands(features)
        if bands:
            saturation = 1 + strengths.saturation * _both_ways(draws)
            hue = strengths.hue * _both_ways(draws)
            recoloured(view, bands, colour_matrices(saturation, hue))
        return _jittered(view, _kept(features, strengths, draws), strengths, draws)


def is_optical(feature: str) -> bool:
    """Whether a feature is a band of Sentinel-2, such as `B04` or `B8A`."""
    return feature[:1].upper() == "B" and feature[1:2].isdigit()


def triplet(first: Tensor, second: Tensor, margin: float, draws: Draws) -> Tensor:
    """Triplet loss by Euclidean distance (paper, section 4).

    Each first view shall be nearer to its sample's second view than to the second view of
    another sample of the whole batch, drawn at random, by at least the margin.

    Args:
        first: Embeddings of one view, (own sample, dimension).
        second: Embeddings of the other view, in the same order.
        margin: In the unit of the embeddings.
        draws: The step's random numbers.
    """
    with torch.autocast(first.device.type, enabled=False):
        others = gather(second).float()[drawn_others(draws)]
        return functional.triplet_margin_loss(first.float(), second.float(), others, margin)


def drawn_others(draws: Draws) -> Tensor:
    """For each own sample the place of another one in the whole batch, (own sample)."""
    steps = (draws.uniform() * (draws.samples - 1)).long() + 1
    own = torch.arange(draws.samples, device=steps.device)[draws.own]
    return (own + steps) % draws.samples


def _shifted(batch: Batch, shift: float) -> Tensor:
    """Corners up to so many pixels away, (sample, 2)."""
    most = min(round(shift), min(batch.patches.shape[-2:]) - 1)
    return batch.corners + (batch.draws.uniform(2) * (2 * most + 1)).long() - most


def _kept(features: Sequence[str], strengths: Strengths, draws: Draws) -> Tensor:
    """0 for each feature of a sample that is set to its mean, else 1, (sample, feature, 1, 1)."""
    radar, optical = strengths.radar_dropout, strengths.optical_dropout
    drawn = draws.uniform(len(features), 1, 1)
    chances = [optical if is_optical(name) else radar for name in features]
    return (drawn >= torch.tensor(chances, device=drawn.device)[:, None, None]).float()


def _jittered(view: Tensor, kept: Tensor, strengths: Strengths, draws: Draws) -> Tensor:
    """Contrast about the mean of the image, brightness and dropout of each feature, in place."""
    shape = (view.shape[1], 1, 1)
    contrast = strengths.contrast * _both_ways(draws, *shape)
    brightness = strengths.brightness * _both_ways(draws, *shape)
    means = view.mean(dim=(2, 3), keepdim=True)
    return view.mul_(kept * (1 + contrast)).add_(kept * (brightness - contrast * means))


def _both_ways(draws: Draws, *shape: int) -> Tensor:
    """Numbers in [-1, 1), (own sample, *shape)."""
    return 2 * draws.uniform(*shape) - 1


def _between(ramp: Ramp, done: float) -> float:
    return ramp.least + (ramp.most - ramp.least) * done
