"""Labels from polygons, such as CORINE 2018: read by box, rasterised on each sample's grid.

A polygon's vertices are brought to the sample's reference system, its edges stay straight
there. It is clipped to the sample first, so that long edges have no room to bend.
"""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio.features
import shapely
from odc.geo.geobox import GeoBox

from speckle2vec.landcover.labels.classes import OUTSIDE, Legend
from speckle2vec.landcover.labels.grids import Box, boxes_around, told, transformer
from speckle2vec.landcover.labels.layers import Layer, Polygons, open_layer, read_polygons
from speckle2vec.products.labels import ClassArray
from speckle2vec.progress import LOGGER
from speckle2vec.readers.label_files import EVERY_PLACE
from speckle2vec.settings.labels import Labels

WHOLE_BYTES = 64 * 2**20
"""A smaller file is read once as a whole, which is quicker; any other by each sample's box."""


def open_source(labels: Labels, files: Mapping[str, str], legend: Legend) -> "VectorSource":
    """Open the vector file of the settings.

    Raises:
        UserError: The file, its layer or its field is missing, or it has no CRS.
    """
    return VectorSource(open_layer(files[EVERY_PLACE], labels), legend)


class VectorSource:
    """A layer of polygons with one code each; of two that overlap the later one counts."""

    def __init__(self, layer: Layer, legend: Legend) -> None:
        self._layer, self._legend = layer, legend
        self._indices: dict[object, int] = {}
        self._repaired: set[int] = set()
        self._digest = hashlib.sha256()
        small = _bytes(Path(layer.path)) <= WHOLE_BYTES
        self._all = read_polygons(layer, None) if small else None

    def read(self, place: str, grid: GeoBox) -> ClassArray:  # noqa: ARG002
        """Class indices on a sample's grid; `Source.read` tells more."""
        image = np.full(grid.shape, OUTSIDE, np.uint8)
        for box in boxes_around(grid, self._layer.crs):
            self._burn(self._touching(box), box, grid, image)
        return image

    def about(self) -> dict[str, Any]:
        """Name of the file, layer, field, CRS, number of polygons, and a digest of those read."""
        layer = self._layer
        return {
            "kind": "vector", "file": Path(layer.path).name, "layer": layer.name,
            "field": layer.field, "crs": layer.crs, "polygons": layer.polygons,
            "repaired": len(self._repaired), "sha256": self._digest.hexdigest(),
        }  # fmt: skip

    def extent(self) -> str:
        """Where the layer lies, for a sentence."""
        return told(self._layer.bounds, self._layer.crs)

    def tell(self, task: str) -> None:
        """Write into the log how many polygons were repaired."""
        if self._repaired:
            LOGGER.info(
                "%s: %d polygons of %s are invalid, such as number %d; they were repaired.",
                task, len(self._repaired), self._layer.path, min(self._repaired),
            )  # fmt: skip

    def _touching(self, box: Box) -> Polygons:
        return read_polygons(self._layer, box) if self._all is None else self._all.touching(box)

    def _burn(self, polygons: Polygons, box: Box, grid: GeoBox, image: ClassArray) -> None:
        clipped = shapely.clip_by_rect(self._valid(polygons), *box)
        outlines, which = shapely.get_parts(clipped, return_index=True)
        flat = shapely.get_dimensions(outlines) == 2
        if not flat.any():
            return
        outlines, which = outlines[flat], which[flat]
        codes = polygons.codes[which]
        _, vertices, offsets = shapely.to_ragged_array(outlines, include_z=False)
        self._digest.update(np.ascontiguousarray(vertices).tobytes())
        self._digest.update("\n".join(map(str, codes)).encode())
        inverse = transformer(str(grid.crs), self._layer.crs).transform
        there = inverse(vertices[:, 0], vertices[:, 1], direction="INVERSE")
        indices = [self._index(code) for code in codes]
        pairs = zip(_polygons(np.stack(there, axis=1), offsets), indices, strict=True)
        rasterio.features.rasterize(pairs, out=image, transform=grid.affine)

    def _valid(self, polygons: Polygons) -> npt.NDArray[np.object_]:
        outlines = polygons.outlines
        broken = ~shapely.is_valid(outlines)
        if broken.any():
            self._repaired.update(polygons.numbers[broken].tolist())
            mended = shapely.make_valid(outlines[broken], method="structure", keep_collapsed=False)
            outlines = outlines.copy()
            outlines[broken] = mended
        return outlines

    def _index(self, code: object) -> int:
        """The class of a code; it is asked for, and counted, once a polygon and sample."""
        if self._indices.get(code, 0) == 0:
            self._indices[code] = self._legend.index(code)
        return self._indices[code]


def _polygons(
    vertices: npt.NDArray[np.float64], offsets: Sequence[npt.NDArray[np.integer[Any]]]
) -> list[dict[str, Any]]:
    """Polygons as GeoJSON, ten times faster than shapely tells them."""
    rings_end, polygons_end = (ends.tolist() for ends in offsets)
    points = vertices.tolist()
    rings = [points[a:b] for a, b in pairwise(rings_end)]
    return [{"type": "Polygon", "coordinates": rings[a:b]} for a, b in pairwise(polygons_end)]


def _bytes(path: Path) -> int:
    """Size of a file, or of the files in a folder such as `.gdb`; huge where it is remote."""
    if path.is_dir():
        return sum(file.stat().st_size for file in path.iterdir() if file.is_file())
    return path.stat().st_size if path.exists() else 2**62
