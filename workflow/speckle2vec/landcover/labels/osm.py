"""Labels from OpenStreetMap: the layers of its themes, one over the other.

Weak labels: OpenStreetMap maps what people care for, so that a pixel without a class has
none, and may be of any. Of two themes the one that stands first in the settings is on top;
what does not cover the ground, such as a power line, is left out.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.classes import OUTSIDE, Legend
from speckle2vec.landcover.labels.grids import told
from speckle2vec.products.labels import ClassArray
from speckle2vec.products.osm_layers import UNCOVERED, LayerClass, LayerShard, open_layers
from speckle2vec.readers.label_files import EVERY_PLACE
from speckle2vec.settings.labels import Labels

Key = tuple[str, tuple[float, ...], int, int]


def open_source(labels: Labels, files: Mapping[str, str], legend: Legend) -> "OsmSource":
    """Open the layers of a shard, and give the legend their classes.

    Classes are the themes where `labels.level` is 1, else the single ones; or those of
    `labels.classes`, by the codes of the settings `osm`.

    Raises:
        UserError: The layers are missing or damaged.
    """
    path = Path(files[EVERY_PLACE])
    if not path.exists():
        raise UserError(
            f"{path}: there are no layers of OpenStreetMap; set `osm.path` and make them with "
            f"`snakemake {path}`."
        )
    return OsmSource(path, labels, legend)


class OsmSource:
    """The layers of one shard; a sample is found by its place and grid."""

    def __init__(self, path: Path, labels: Labels, legend: Legend) -> None:
        self._path, self._legend = path, legend
        self._digest = hashlib.sha256()
        with open_layers(path) as shard:
            self._positions = {
                _key(place, *grid[1:]): position
                for position, (place, grid) in enumerate(
                    zip(shard.places, shard.grids, strict=True)
                )
            }
            self._attributes = dict(shard.attributes)
            ground = [one for one in shard.classes if one.ground]
        codes = _theme_codes(ground) if labels.level == 1 and not labels.classes else {}
        if not labels.classes:
            names, colours = _names(ground, bool(codes))
            legend.adopt(names, colours)
        self._codes = {one.code: codes.get(one.theme, one.code) for one in ground}

    def read(self, place: str, grid: GeoBox) -> ClassArray:
        """Class indices on a sample's grid; `Source.read` tells more."""
        position = self._positions.get(_key(place, tuple(grid.affine[:6]), *grid.shape))
        if position is None:
            raise UserError(
                f"{self._path}: does not hold the place {place} on its grid; remove it and run "
                "the same command again."
            )
        with open_layers(self._path) as shard:
            image = self._flattened(shard, position)
        self._digest.update(image.tobytes())
        return image

    def about(self) -> dict[str, Any]:
        """The extract that was read, and a digest of the labels."""
        source = {name: text for name, text in self._attributes["source"].items()
                  if name != "extent"}  # fmt: skip
        return {"kind": "osm", **source, "licence": self._attributes["licence"],
                "sha256": self._digest.hexdigest()}  # fmt: skip

    def extent(self) -> str:
        """Where the extract lies, for a sentence."""
        return told(tuple(self._attributes["bounds"]))

    def tell(self, task: str) -> None:
        """Nothing is mended here."""

    def _flattened(self, shard: LayerShard, position: int) -> ClassArray:
        layers = shard.read(position)
        image = np.zeros(layers.shape[1:], np.uint8)
        classes = {(one.theme, one.index): one for one in shard.classes if one.ground}
        for theme, layer in reversed(list(zip(shard.themes, layers, strict=True))):
            for index, times in zip(*np.unique(layer, return_counts=True), strict=True):
                if one := classes.get((theme, int(index))):
                    image[layer == index] = self._legend.index(self._codes[one.code], int(times))
        image[layers[0] == UNCOVERED] = OUTSIDE
        return image


def _key(place: str, affine: tuple[float, ...], height: int, width: int) -> Key:
    return place, tuple(map(float, affine)), int(height), int(width)


def _theme_codes(classes: list[LayerClass]) -> dict[str, int]:
    """The lowest code of each theme."""
    return {
        theme: min(one.code for one in classes if one.theme == theme)
        for theme in dict.fromkeys(one.theme for one in classes)
    }


def _names(classes: list[LayerClass], themes: bool) -> tuple[dict[int, str], dict[str, str]]:
    """Names by code and colours by name, of themes or single classes."""
    if not themes:
        return {one.code: one.name for one in classes}, {one.name: one.colour for one in classes}
    codes = _theme_codes(classes)
    first = {one.theme: one.colour for one in reversed(classes)}
    return {code: theme for theme, code in codes.items()}, first
