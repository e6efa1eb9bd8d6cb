"""Random views of radar samples, made in batch, one draw a sample."""

import torch
from torch import Generator, Tensor
from torch.nn import functional

from speckle2vec.settings.training import SarViews


def sar_view(cubes: Tensor, settings: SarViews, generator: Generator) -> Tensor:
    """One random view of each normalised sample (sample, feature, y, x).

    Absolute backscatter is information, so there is no contrast or strong brightness
    jitter: views that change the level teach the encoder to forget it.

    Args:
        cubes: Normalised samples; they are not changed.
        settings: How far a view may go.
        generator: Where every draw comes from, on the device of the cubes.
    """
    with torch.no_grad():
        view = placed(cubes, settings, generator)
        levels = dropped(view, settings, generator)
        view.mul_(levels).add_(shifted(view, settings, generator))
        if settings.speckle:
            noise = torch.empty_like(view).normal_(generator=generator)
            view.add_(noise, alpha=settings.speckle)
        return view


def placed(cubes: Tensor, settings: SarViews, generator: Generator) -> Tensor:
    """Each sample cropped and resized (SimCLR, Chen et al. 2020), mirrored and turned.

    The crop is square, so shapes stay true. Seen from above there is no up, so mirror
    images and quarter turns are samples as likely; only the side the radar looks from
    changes with them. All in one bilinear resampling, of nothing where all are off.
    """
    matrices = _orientations(len(cubes), settings, generator)
    sides = _uniform(len(cubes), 1, generator) * (1 - settings.smallest_crop)
    sides = settings.smallest_crop + sides
    centres = (2 * _uniform(len(cubes), 2, generator) - 1) * (1 - sides)
    affine = torch.cat([matrices * sides[:, :, None], centres[:, :, None]], dim=2)
    grid = functional.affine_grid(affine, list(cubes.shape), align_corners=False)
    return functional.grid_sample(cubes, grid, padding_mode="border", align_corners=False)


def dropped(cubes: Tensor, settings: SarViews, generator: Generator) -> Tensor:
    """0 for each feature of a sample that is set to its mean, else 1, (sample, feature, 1, 1).

    After Contrastive Sensor Fusion (Swope et al. 2021, arXiv:2108.05094).
    """
    draws = _uniform(len(cubes), cubes.shape[1], generator)
    return (draws >= settings.channel_dropout).to(cubes.dtype)[:, :, None, None]


def shifted(cubes: Tensor, settings: SarViews, generator: Generator) -> Tensor:
    """One small offset of the level a sample, (sample, 1, 1, 1).

    A gain of the instrument is an offset in decibels; kept to what calibration leaves.
    """
    draws = torch.empty(len(cubes), 1, 1, 1, device=cubes.device)
    return draws.normal_(generator=generator).mul_(settings.gain)


def _orientations(samples: int, settings: SarViews, generator: Generator) -> Tensor:
    """Mirror images and quarter turns as matrices of -1, 0 and 1, (sample, 2, 2)."""
    draws = _uniform(samples, 3, generator)
    signs = torch.where(draws[:, :2] < 0.5, -1.0, 1.0)
    quarters = (draws[:, 2] * 4).long()
    matrices = torch.eye(2, device=draws.device).repeat(samples, 1, 1)
    if settings.flip:
        matrices = matrices * signs[:, :, None]
    if settings.quarter_turns:
        turns = torch.tensor(QUARTER_TURNS, device=draws.device)
        matrices = matrices @ turns[quarters]
    return matrices


QUARTER_TURNS = (
    ((1.0, 0.0), (0.0, 1.0)),
    ((0.0, -1.0), (1.0, 0.0)),
    ((-1.0, 0.0), (0.0, -1.0)),
    ((0.0, 1.0), (-1.0, 0.0)),
)


def _uniform(samples: int, numbers: int, generator: Generator) -> Tensor:
    return torch.rand(samples, numbers, generator=generator, device=generator.device)
