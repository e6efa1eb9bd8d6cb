"""Colour of the visible bands, as far as normalised numbers have one.

Bands come normalised, so that reflectances are not at hand: grey is what is equally many
standard deviations from the mean in all three, and colour is what differs from grey.
Brightness, the mean of the three, is left as it is.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

VISIBLE = ("B04", "B03", "B02")


def visible_bands(features: Sequence[str]) -> tuple[int, ...]:
    """Places of red, green and blue among the features; empty where one is missing."""
    names = [feature.upper() for feature in features]
    return tuple(map(names.index, VISIBLE)) if set(VISIBLE) <= set(names) else ()


def colour_matrices(saturation: Tensor, hue: Tensor) -> Tensor:
    """What red, green and blue are multiplied with, (sample, 3, 3).

    Saturation scales the distance from the grey mean, hue turns it about the grey axis
    (1, 1, 1); the two do not mind their order, and grey stays as it is.

    Args:
        saturation: Factors, (sample); 1 changes nothing, 0 leaves grey.
        hue: Turns, (sample), in full turns; 0 changes nothing.
    """
    device = saturation.device
    grey = torch.full((3, 3), 1 / 3, device=device)
    across = torch.tensor(ACROSS, device=device) / math.sqrt(3)
    angles = (2 * math.pi * hue)[:, None, None]
    turned = torch.cos(angles) * (torch.eye(3, device=device) - grey) + torch.sin(angles) * across
    return grey + saturation[:, None, None] * turned


def recoloured(cubes: Tensor, bands: Sequence[int], matrices: Tensor) -> Tensor:
    """Cubes (sample, feature, y, x) with three of their bands multiplied, in place."""
    places = torch.tensor(bands, device=cubes.device)
    visible = cubes[:, places]
    with torch.autocast(cubes.device.type, enabled=False):
        cubes[:, places] = (matrices @ visible.flatten(2)).view_as(visible)
    return cubes


ACROSS = ((0.0, -1.0, 1.0), (1.0, 0.0, -1.0), (-1.0, 1.0, 0.0))
