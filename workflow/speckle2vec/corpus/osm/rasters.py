"""The stage that draws the features of OpenStreetMap on each sample's own grid.

Polygons cover the pixels whose centres they hold, as labels do. Lines and points are as
wide as their class says, by the same rule, and one pixel at least: a road is never broken.
What is below the ground is not drawn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from speckle2vec.corpus.osm.drawing import Pixels
from speckle2vec.products.catalogue import accepted, read_catalogue_part
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.osm_features import LICENCE, read_about, read_features
from speckle2vec.products.osm_layer_writer import SampleLayers, write_layers
from speckle2vec.products.osm_layers import UNCOVERED, LayerArray, LayerClass
from speckle2vec.progress import LOGGER, track
from speckle2vec.settings.osm_classes import OsmClass

_COLUMNS = ("sample_id", "row", "place", "longitude", "latitude", "crs", "affine", "height",
            "width", "verdict")  # fmt: skip
_READ = ("file", "moment", "generator", "extent")


def draw_layers(key: ShardKey, catalogue: Path, features: Path, output: Path) -> None:
    """Write the layers of one shard, one raster a theme; memory holds one sample.

    Args:
        key: The shard.
        catalogue: The shard's part of the catalogue.
        features: The features of its corpus, `results/osm/{corpus}/features.parquet`.
        output: The product, `results/osm/{corpus}/{shard}.zarr.zip`.

    Raises:
        UserError: Catalogue or features are missing or damaged.
    """
    rows = accepted(read_catalogue_part(catalogue, key, _COLUMNS)).to_pylist()
    about = read_about(features)
    table = {name: OsmClass(**one) for name, one in about["classes"]}
    extent = shapely.from_wkt(about["extent"])
    frame = read_features(features, key.shard).to_pandas()
    work = _Work(key, rows, dict(iter(frame.groupby("sample_id"))), table, extent)
    shapes = [(row["height"], row["width"]) for row in rows]
    attributes = {
        "corpus": key.corpus, "shard": key.shard, "licence": LICENCE,
        "source": {name: about[name] for name in _READ},
        "bounds": shapely.bounds(extent).tolist(),
        "widths": {name: one.width for name, one in table.items() if one.width},
    }  # fmt: skip
    write_layers(output, work.samples(), shapes, work.classes, attributes)
    work.tell()


@dataclass
class _Work:
    """The samples of a shard on their way to the product."""

    key: ShardKey
    rows: Sequence[Mapping[str, Any]]
    frames: Mapping[str, pd.DataFrame]
    table: Mapping[str, OsmClass]
    extent: shapely.Geometry
    outside: list[str] = field(default_factory=list)
    """Samples of which the extract has no data."""

    def __post_init__(self) -> None:
        themes: dict[str, list[LayerClass]] = {}
        for name, one in self.table.items():
            known = themes.setdefault(one.theme, [])
            known.append(
                LayerClass(one.theme, name, len(known) + 1, one.code, one.colour, one.ground)
            )
        self.classes = [one for theme in themes.values() for one in theme]
        order = list(themes)
        self._themes = len(order)
        self._ranks = {one.name: rank for rank, one in enumerate(self.classes)}
        self._widths = np.array([self.table[one.name].width for one in self.classes])
        self._values = np.array([one.index for one in self.classes], np.uint8)
        self._layers = np.array([order.index(one.theme) for one in self.classes])

    def samples(self) -> Iterator[SampleLayers]:
        """The samples in the order of the catalogue."""
        for row in track(self.rows, len(self.rows), f"Drawing {self.key}"):
            layers = self._drawn(row)
            if (layers == UNCOVERED).all():
                self.outside.append(row["sample_id"])
            grid = row["crs"], tuple(row["affine"]), row["height"], row["width"]
            yield SampleLayers(row["sample_id"], row["place"], row["row"], grid, layers)

    def tell(self) -> None:
        """Write into the log which samples the extract does not know."""
        if self.outside:
            LOGGER.warning(
                "Drawing %s: %d of %d samples lie outside the extract, such as %s; they are "
                "marked as uncovered.", self.key, len(self.outside), len(self.rows),
                self.outside[0],
            )  # fmt: skip

    def _drawn(self, row: Mapping[str, Any]) -> LayerArray:
        pixels = Pixels(row)
        layers = np.zeros((self._themes, row["height"], row["width"]), np.uint8)
        frame = self.frames.get(row["sample_id"])
        if frame is not None:
            frame = frame[~frame["hidden"]]
            shapes = shapely.from_wkb(frame["geometry"].to_numpy())
            ranks = frame["class"].map(self._ranks).to_numpy(np.int64)
            widths, values = self._widths[ranks], self._values[ranks]
            layer = self._layers[ranks]
            for number, image in enumerate(layers):
                mine = np.flatnonzero(layer == number)
                mine = mine[np.argsort(-ranks[mine], kind="stable")]
                pixels.draw(shapes[mine], widths[mine], values[mine], image)
        layers[:, ~pixels.inside(self.extent)] = UNCOVERED
        return layers
