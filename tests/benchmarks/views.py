"""Views made in batch, against the same operations on one sample after the other."""

import math
import time

import torch
from torch.nn import functional

from speckle2vec.pretrain.csf import Strengths, csf_view
from speckle2vec.pretrain.views import sar_view
from speckle2vec.settings.methods import Csf, SarViews
from speckle2vec.training.draws import Draws
from speckle2vec.training.method import Batch

BATCH, ROUNDS, LOOPS = 64, 15, 3
RADAR = tuple(f"vv_{index}" for index in range(12))
FUSION = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12",
          "VV", "VH")  # fmt: skip
STRENGTHS = Strengths.at(Csf(), 99)


def benchmark() -> list[dict[str, float | str]]:
    """Milliseconds a batch of 64, the best of several rounds; the two take turns."""
    cubes, patches = torch.randn(BATCH, 12, 64, 64), torch.randn(BATCH, 14, 128, 128)
    return [
        entry("views-simclr", lambda: sar_view(cubes, SarViews(), draws()),
              lambda: [plain_sar_view(cube, SarViews()) for cube in cubes]),
        entry("views-csf", lambda: csf_view(batch(cubes), RADAR, STRENGTHS),
              lambda: [plain_csf_view(cube, RADAR, STRENGTHS) for cube in cubes]),
        entry("views-csf-fusion", lambda: csf_view(batch(patches), FUSION, STRENGTHS),
              lambda: [plain_csf_view(patch, FUSION, STRENGTHS) for patch in patches]),
    ]  # fmt: skip


def entry(name, ours, theirs):
    quick = slow = math.inf
    for _ in range(LOOPS):
        slow = min(slow, milliseconds(theirs))
        quick = min(quick, *(milliseconds(ours) for _ in range(ROUNDS // LOOPS)))
    return {"name": name, "ours": quick, "theirs": slow, "ratio": slow / quick}


def milliseconds(work):
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def draws():
    return Draws(torch.Generator().manual_seed(0), BATCH, slice(0, BATCH))


def batch(patches):
    return Batch(
        source=None, rows=torch.arange(BATCH), patches=patches,
        corners=torch.zeros(BATCH, 2, dtype=torch.long), size=patches.shape[-1],
        seasons=torch.zeros(BATCH, 4), epoch=99, draws=draws(),
    )  # fmt: skip


def plain_sar_view(cube, settings):
    """Crop and resize, mirror, turn, drop, offset and noise, as one writes it for one sample."""
    side = cube.shape[-1]
    share = settings.smallest_crop + (1 - settings.smallest_crop) * torch.rand(()).item()
    size = round(share * side)
    top, left = (int(torch.randint(side - size + 1, ())) for _ in range(2))
    piece = cube[None, :, top : top + size, left : left + size]
    view = functional.interpolate(piece, size=(side, side), mode="bilinear")[0]
    for axis in (1, 2):
        if torch.rand(()) < 0.5:
            view = view.flip(axis)
    view = view.rot90(int(torch.randint(4, ())), (1, 2))
    kept = torch.rand(len(view), 1, 1) >= settings.channel_dropout
    view = view * kept + torch.randn(()) * settings.gain
    return view + torch.randn(view.shape) * settings.speckle


def plain_csf_view(patch, features, strengths):
    """Crop, contrast, brightness, colour and dropout, as one writes it for one sample."""
    side, shift = patch.shape[-1], round(strengths.shift)
    padded = functional.pad(patch[None], [shift] * 4, mode="reflect")[0]
    top, left = (int(torch.randint(2 * shift + 1, ())) for _ in range(2))
    view = padded[:, top : top + side, left : left + side]
    means = view.mean(dim=(1, 2), keepdim=True)
    view = means + (view - means) * (1 + strengths.contrast * both_ways(len(view), 1, 1))
    view = view + strengths.brightness * both_ways(len(view), 1, 1)
    if "B04" in features:
        view = view.clone()
        visible = [features.index(name) for name in ("B04", "B03", "B02")]
        view[visible] = plain_colour(
            view[visible], 1 + strengths.saturation * both_ways(), strengths.hue * both_ways()
        )
    for index, name in enumerate(features):
        optical = name.startswith("B")
        if torch.rand(()) < (strengths.optical_dropout if optical else strengths.radar_dropout):
            view[index] = 0
    return view


def plain_colour(image, saturation, hue):
    """The colour of (3, y, x) scaled, and turned about the grey axis."""
    grey = image.mean(dim=0, keepdim=True)
    colour = (image - grey) * saturation
    axis = torch.full((3, 1, 1), 1 / math.sqrt(3)).expand_as(colour)
    angle = 2 * math.pi * hue
    return (
        grey
        + colour * torch.cos(angle)
        + torch.linalg.cross(axis, colour, dim=0) * torch.sin(angle)
    )


def both_ways(*shape):
    return 2 * torch.rand(shape) - 1


if __name__ == "__main__":
    print(*benchmark(), sep="\n")
