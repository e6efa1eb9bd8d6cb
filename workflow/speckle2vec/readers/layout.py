"""What makes a Zarr group one of SSL4EO-S12 v1.1 (Blumenstiel et al. 2025).

The Zarr release has the dimensions (sample, time, band, y, x); a member of the WebDataset
release lacks `sample` and is taken as one sample.
"""

import math
from collections.abc import Mapping
from typing import Any

import zarr

from speckle2vec.errors import UserError
from speckle2vec.readers.archives import dimensions

PIXELS = ("sample", "time", "band", "y", "x")
MOST_NUMBERS, MOST_CHUNK_BYTES = 2**33, 2**31
"""Fifty times a published shard; a read holds a few chunks."""


class LayoutError(UserError):
    """A Zarr group lacks what an SSL4EO-S12 v1.1 group has."""


def sizes(group: zarr.Group, where: str) -> dict[str, int]:
    """Length of each of the five dimensions of `bands`; `sample` is 1 where it lacks.

    Raises:
        LayoutError: There is no `bands`, or it has other dimensions.
    """
    if "bands" not in group:
        raise LayoutError(f"{where}: holds no `bands`; it is no SSL4EO-S12 v1.1 file.")
    array = group["bands"]
    assert isinstance(array, zarr.Array)
    found = dict(zip(dimensions(array, PIXELS), array.shape, strict=False))
    if set(found) | {"sample"} != set(PIXELS) or len(found) != array.ndim:
        raise LayoutError(
            f"{where}: `bands` has the shape {array.shape} and the dimensions "
            f"{', '.join(found)}, not {', '.join(PIXELS)}."
        )
    lengths = {"sample": 1, **found}
    _check_lengths(array, lengths, where)
    return lengths


def _check_lengths(array: zarr.Array[Any], lengths: Mapping[str, int], where: str) -> None:
    """Refuse what no release has, and no memory holds, before anything is read."""
    chunk = math.prod(array.chunks) * array.dtype.itemsize
    if math.prod(lengths.values()) > MOST_NUMBERS or chunk > MOST_CHUNK_BYTES:
        raise LayoutError(
            f"{where}: `bands` declares the shape {array.shape} in chunks of {array.chunks}, more "
            "than any release of SSL4EO-S12 holds; the file is damaged, or not what it claims."
        )
