"""Masked autoencoding: what is hidden shall be told from what is seen."""

from collections.abc import Sequence

import torch
from torch import Tensor

from speckle2vec.errors import UserError
from speckle2vec.networks.base import Encoder
from speckle2vec.networks.decoder import Decoder
from speckle2vec.pretrain.reconstruction import WIDENING, DecodingMethod
from speckle2vec.settings.methods import Mae
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.draws import Draws
from speckle2vec.training.method import Batch

WIDTH = 512
"""Channels the decoder starts from where it decodes an embedding."""


def build(
    encoder: Encoder,
    settings: Pretrain,
    features: Sequence[str],  # noqa: ARG001
    side: int,
) -> "MaeMethod":
    """The method with the settings of the group `mae`.

    Raises:
        UserError: The squares do not tile the images.
    """
    check_patch(settings.mae.patch, side)
    return MaeMethod(encoder, settings.mae, side)


class MaeMethod(DecodingMethod):
    """Masked autoencoding for encoders of any kind.

    Squares of an image are set to 0, the mean of every feature, and the loss is on them
    alone (He et al. 2022, arXiv:2111.06377); the encoder sees the whole grid, as in SimMIM
    (Xie et al. 2022, arXiv:2111.09886), so that convolutions need no changes. All features
    of a square are hidden together: they come from the same pixels, and one would give
    away the others.
    """

    def __init__(self, encoder: Encoder, settings: Mae, side: int) -> None:
        super().__init__(encoder, settings, side)
        self.settings = settings
        width = encoder.map_channels if self.from_map else WIDTH
        self.unfold = torch.nn.Identity() if self.from_map else self.map_of(width)
        self.decoder = Decoder(width, encoder.channels)

    def forward(self, batch: Batch) -> Tensor:
        """Mean squared error on the hidden pixels."""
        image, hidden = self.reconstruct(batch)
        return hidden_error(image.float(), batch.cubes, hidden)

    def reconstruct(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The images as decoded, and what was hidden, (sample, 1, y, x)."""
        hidden = hide(batch.size, self.settings, batch.draws)
        code = self.encoded(seen(batch.cubes, hidden), batch.seasons)
        return self.decoder(self.unfold(code)), hidden

    def code(self, cubes: Tensor, seasons: Tensor) -> Tensor:
        """The embedding or the map of whole images, in which nothing is hidden."""
        return self.encoded(cubes, seasons).flatten(1)

    def images(self, code: Tensor) -> Tensor:
        """Images as decoded."""
        if self.from_map:
            side = self.side // WIDENING
            code = code.view(-1, self.encoder.map_channels, side, side)
        return self.decoder(self.unfold(code))  # type: ignore[no-any-return]

    @property
    def starts_from(self) -> str:
        """`map` where a map is decoded, else `embedding`."""
        return "map" if self.from_map else "embedding"


def hide(side: int, settings: Mae, draws: Draws) -> Tensor:
    """Which pixels are hidden, (sample, 1, side, side), true or false.

    Each sample has its own draw; in each the same number of squares is hidden, the nearest
    to the share, at least one and not all.
    """
    squares = side // settings.patch
    total = squares**2
    number = min(max(round(settings.hidden * total), 1), total - 1)
    order = draws.uniform(total).argsort(dim=1, stable=True)
    chosen = torch.zeros_like(order, dtype=torch.bool).scatter_(1, order[:, :number], True)
    coarse = chosen.view(-1, 1, squares, squares)
    return coarse.repeat_interleave(settings.patch, 2).repeat_interleave(settings.patch, 3)


def seen(cubes: Tensor, hidden: Tensor) -> Tensor:
    """The images with 0 where hidden, and the rest raised to keep the mean square.

    Embeddings are made of whole images. Without the factor the first layer's outputs would
    spread 0.6 times as far in training as then, and batch normalisation, which remembers
    their spread, would make whole images look too strong; deeper layers follow it.

    Args:
        cubes: Normalised, (sample, feature, y, x).
        hidden: (sample, 1, y, x), true or false, as many in each sample.
    """
    kept = ~hidden
    return cubes * (kept / kept[:1].float().mean().sqrt())


def hidden_error(images: Tensor, cubes: Tensor, hidden: Tensor) -> Tensor:
    """Mean squared error over the hidden pixels of all features.

    Args:
        images: As decoded, (sample, feature, y, x).
        cubes: As they are.
        hidden: (sample, 1, y, x), true or false.
    """
    weights = hidden.to(cubes.dtype)
    return ((images - cubes).square() * weights).sum() / (weights.sum() * cubes.shape[1])


def check_patch(patch: int, side: int) -> None:
    """Refuse squares that do not tile the images.

    Raises:
        UserError: The squares' side does not divide that of the images, or is the same.
    """
    if side % patch or patch == side:
        valid = ", ".join(str(size) for size in range(1, side) if side % size == 0)
        raise UserError(
            f"`pretrain.mae.patch` is {patch}, and squares of that side do not tile images of "
            f"{side} pixels so that some can be hidden and others seen; set it to one of {valid}."
        )
