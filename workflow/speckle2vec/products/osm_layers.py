"""OpenStreetMap as layers on disk: one raster a theme, on each sample's own grid.

A zip of one Zarr group with the arrays `layers` (sample, theme, y, x; 0 where nothing of
the theme lies, else the class's index in its theme, `UNCOVERED` where the extract has no
data), `sample_id`, `place`, `row` (row in the raw shard), `crs`, `affine`, `height` and
`width` (the sample's own grid: smaller samples stand in the upper left corner, padded with
`UNCOVERED`), and `covered` (share of the pixels that the extract has data of). The classes
stand in the attributes; what stands earlier there covers what stands later.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from speckle2vec.products.refused import refused
from speckle2vec.products.stores import open_store, stored

NOTHING = 0
UNCOVERED = 255
_FACTS = ("sample_id", "place", "row", "crs", "affine", "height", "width", "covered")
LayerArray = npt.NDArray[np.uint8]
Grid = tuple[str, tuple[float, ...], int, int]
"""CRS, affine (a to f), height, width."""


@dataclass(frozen=True)
class LayerClass:
    """One class of a theme."""

    theme: str
    name: str
    index: int
    """What stands in the pixels of its theme, from 1."""
    code: int
    colour: str
    """`#rrggbb`."""
    ground: bool
    """Whether it covers the ground."""


@dataclass(frozen=True)
class LayerShard:
    """An open shard of layers: pixels are read when asked for, the rest is here."""

    layers: zarr.Array[Any]
    sample_ids: tuple[str, ...]
    places: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    grids: tuple[Grid, ...]
    covered: npt.NDArray[np.float64]
    themes: tuple[str, ...]
    classes: tuple[LayerClass, ...]
    attributes: Mapping[str, Any]

    def read(self, position: int) -> LayerArray:
        """Layers of one sample on its own grid, (theme, y, x)."""
        _, _, height, width = self.grids[position]
        return stored(self.layers, (position, slice(None), slice(height), slice(width)))


@contextmanager
def open_layers(path: Path) -> Iterator[LayerShard]:
    """Open a shard of layers for reading.

    Raises:
        UserError: The file is missing or damaged.
    """
    with open_store(path) as group:
        with refused(path):
            shard = _shard_of(group)
        yield shard


def _shard_of(group: zarr.Group) -> LayerShard:
    arrays = {name: np.asarray(group[name][...]) for name in _FACTS}  # type: ignore[index]
    attributes: dict[str, Any] = dict(group.attrs)
    grids = zip(
        map(str, arrays["crs"]), map(tuple, arrays["affine"].tolist()),
        arrays["height"].tolist(), arrays["width"].tolist(), strict=True,
    )  # fmt: skip
    return LayerShard(
        layers=group["layers"],  # type: ignore[arg-type]
        sample_ids=tuple(map(str, arrays["sample_id"])),
        places=tuple(map(str, arrays["place"])),
        rows=arrays["row"],
        grids=tuple(grids),
        covered=arrays["covered"],
        themes=tuple(attributes["themes"]),
        classes=tuple(LayerClass(**row) for row in attributes["classes"]),
        attributes=attributes,
    )
