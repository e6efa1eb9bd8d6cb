"""What the command `speckle2vec networks` prints."""

from collections.abc import Iterator, Sequence

import torch
from torch import nn

from speckle2vec.choices import ENCODERS
from speckle2vec.errors import UserError
from speckle2vec.networks.decoder import Decoder
from speckle2vec.networks.registry import build_encoder
from speckle2vec.settings.training import Pretrain

CLASSES = 7
MAP_CHANNELS = 512
STRIDE = 16
HEADER = ("network", "parameters", "input", "map", "output")


def describe_networks(channels: int, size: int, settings: Pretrain) -> str:
    """A table of every encoder and the decoder: name, parameters, shapes of one sample.

    Each network sees one image on torch's `meta` device, where numbers have shapes and
    no values: nothing is computed.

    Args:
        channels: Features of the cubes.
        size: Side of the cubes, pixels.
        settings: Settings of the encoders.

    Raises:
        UserError: There is no such image.
    """
    if channels < 1:
        raise UserError(f"--channels is {channels}; cubes have at least one feature.")
    if size < 32 or size % 32:
        raise UserError(f"--size is {size}; sides of cubes are multiples of 32 pixels.")
    with torch.device("meta"), torch.inference_mode():
        return aligned([HEADER, *_encoders(channels, size, settings), _decoder(size)])


def parameters_of(network: nn.Module) -> int:
    """How many numbers training can change."""
    return sum(part.numel() for part in network.parameters())


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as text, in columns as wide as their widest entry; numbers end in line."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, count, *shapes in rows:
        told = [text.ljust(width) for text, width in zip(shapes, widths[2:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), count.rjust(widths[1]), *told]).rstrip())
    return "".join(f"{line}\n" for line in lines)


def _encoders(channels: int, size: int, settings: Pretrain) -> Iterator[tuple[str, ...]]:
    cubes = torch.empty(1, channels, size, size)
    for name in ENCODERS:
        section = getattr(settings, name.replace("-", "_"), None)
        chosen = section.model_dump(mode="json") if section is not None else {}
        try:
            encoder = build_encoder(name, channels, chosen, seed=0).eval()
        except UserError:
            yield name, "", f"takes no {channels} features", "", ""
            continue
        maps = encoder.feature_map(cubes)
        shapes = map(_shape, (cubes, maps, encoder.pool(maps)))
        yield name, f"{parameters_of(encoder):,}", *shapes


def _decoder(size: int) -> tuple[str, ...]:
    """The decoder of a residual encoder's map, to the paper's classes."""
    decoder = Decoder(MAP_CHANNELS, CLASSES).eval()
    maps = torch.empty(1, MAP_CHANNELS, size // STRIDE, size // STRIDE)
    name = f"decoder, {CLASSES} classes"
    return name, f"{parameters_of(decoder):,}", _shape(maps), "", _shape(decoder(maps))


def _shape(values: torch.Tensor) -> str:
    return " x ".join(map(str, values.shape[1:]))
