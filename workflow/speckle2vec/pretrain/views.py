"""Random views of radar samples, made in batch, one draw a sample."""

import torch
from torch import Tensor
from torch.nn import functional

from speckle2vec.settings.methods import SarViews
from speckle2vec.training.draws import Draws


def sar_view(cubes: Tensor, settings: SarViews, draws: Draws) -> Tensor:
    """One random view of each normalised sample (sample, feature, y, x).

    Absolute backscatter is information, so there is no contrast or strong brightness
    jitter: views that change the level teach the encoder to forget it.

    Args:
        cubes: Normalised samples; they are not changed.
        settings: How far a view may go.
        draws: The step's random numbers.
    """
    with torch.no_grad(), torch.autocast(cubes.device.type, enabled=False):
        view = placed(cubes, settings, draws)
        levels = dropped(view, settings, draws)
        view.mul_(levels).add_(shifted(settings, draws))
        if settings.speckle:
            view.add_(draws.noise(*view.shape[1:]), alpha=settings.speckle)
        return view


def placed(cubes: Tensor, settings: SarViews, draws: Draws) -> Tensor:
    """Each sample cropped and resized (SimCLR, Chen et al. 2020), mirrored and turned.

    The crop is square, so shapes stay true. Seen from above there is no up, so mirror
    images and quarter turns are samples as likely; only the side the radar looks from
    changes with them. All in one bilinear resampling, of nothing where all are off.
    """
    matrices = _orientations(len(cubes), settings, draws)
    sides = draws.uniform(1) * (1 - settings.smallest_crop)
    sides = settings.smallest_crop + sides
    centres = (2 * draws.uniform(2) - 1) * (1 - sides)
    affine = torch.cat([matrices * sides[:, :, None], centres[:, :, None]], dim=2)
    grid = functional.affine_grid(affine, list(cubes.shape), align_corners=False)
    return functional.grid_sample(cubes, grid, padding_mode="border", align_corners=False)


def dropped(cubes: Tensor, settings: SarViews, draws: Draws) -> Tensor:
    """0 for each feature of a sample that is set to its mean, else 1, (sample, feature, 1, 1).

    After Contrastive Sensor Fusion (Swope et al. 2021, arXiv:2108.05094).
    """
    drawn = draws.uniform(cubes.shape[1])
    return (drawn >= settings.channel_dropout).to(cubes.dtype)[:, :, None, None]


def shifted(settings: SarViews, draws: Draws) -> Tensor:
    """One small offset of the level a sample, (sample, 1, 1, 1).

    A gain of the instrument is an offset in decibels; kept to what calibration leaves.
    """
    return draws.normal(1, 1, 1) * settings.gain


def _orientations(samples: int, settings: SarViews, draws: Draws) -> Tensor:
    """Mirror images and quarter turns as matrices of -1, 0 and 1, (sample, 2, 2)."""
    drawn = draws.uniform(3)
    signs = torch.where(drawn[:, :2] < 0.5, -1.0, 1.0)
    quarters = (drawn[:, 2] * 4).long()
    matrices = torch.eye(2, device=drawn.device).repeat(samples, 1, 1)
    if settings.flip:
        matrices = matrices * signs[:, :, None]
    if settings.quarter_turns:
        turns = torch.tensor(QUARTER_TURNS, device=drawn.device)
        matrices = matrices @ turns[quarters]
    return matrices


QUARTER_TURNS = (
    ((1.0, 0.0), (0.0, 1.0)),
    ((0.0, -1.0), (1.0, 0.0)),
    ((-1.0, 0.0), (0.0, -1.0)),
    ((0.0, 1.0), (-1.0, 0.0)),
)
