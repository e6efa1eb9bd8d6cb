"""Geometries in degrees, drawn on the grid of a sample."""

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from affine import Affine
from pyproj.enums import TransformDirection
from rasterio.features import rasterize

from speckle2vec.corpus.osm.patches import Geometries, outline_of, to_degrees

Points = npt.NDArray[np.float64]
Through = Callable[[Points], Points]
_MARGIN_METRES = 30.0
_CORNERS_A_QUARTER = 4


class Pixels:
    """The grid of one sample.

    Vertices are brought to the grid's reference system, edges stay straight there. Widths
    are metres on the ground, measured in an azimuthal equidistant projection around the
    sample, whatever its reference system.
    """

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row
        self._shape = row["height"], row["width"]
        self._affine = Affine(*row["affine"])

    def draw(
        self,
        shapes: Geometries,
        widths: npt.NDArray[np.float64],
        values: npt.NDArray[np.uint8],
        image: npt.NDArray[np.uint8],
    ) -> None:
        """Draw geometries into an image (y, x), one over the other.

        Args:
            shapes: Points, lines and polygons, degrees; of two that overlap the later one
                is seen.
            widths: How wide each is if it is a point or line, metres; a pixel at least.
            values: What is written for each.
            image: The image; what stood there is covered.
        """
        thin = np.flatnonzero((shapely.get_dimensions(shapes) < 2) & (widths > 0))
        order = np.concatenate([np.arange(len(shapes)), thin])
        wide = self._widened(shapes[thin], widths[thin])
        drawn = self._moved(np.concatenate([shapes, wide]))
        last = np.argsort(order, kind="stable")
        last = last[~shapely.is_empty(drawn[last])]
        if last.size:
            told = [json.loads(text) for text in shapely.to_geojson(drawn[last])]
            pairs = zip(told, values[order[last]].tolist(), strict=True)
            rasterize(pairs, out=image, transform=self._affine)

    def inside(self, extent: shapely.Geometry) -> npt.NDArray[np.bool_]:
        """Which pixels' centres lie in a polygon (degrees), (y, x)."""
        outline = outline_of(self._row, _MARGIN_METRES)
        if shapely.covers(extent, outline):
            return np.ones(self._shape, np.bool_)
        image = np.zeros(self._shape, np.uint8)
        parts = shapely.get_parts(shapely.intersection(extent, outline))
        areas = parts[shapely.get_dimensions(parts) == 2]
        self.draw(areas, np.zeros(len(areas)), np.ones(len(areas), np.uint8), image)
        return image > 0

    def _widened(self, shapes: Geometries, widths: npt.NDArray[np.float64]) -> Geometries:
        if not len(shapes):
            return shapes
        flat = shapely.transform(shapes, _through(self._plane, TransformDirection.FORWARD))
        wide = shapely.buffer(flat, widths / 2, quad_segs=_CORNERS_A_QUARTER)
        back: Geometries = shapely.transform(
            wide, _through(self._plane, TransformDirection.INVERSE)
        )
        return back

    def _moved(self, shapes: Geometries) -> Geometries:
        there = _through(to_degrees(self._row["crs"]), TransformDirection.INVERSE)
        moved: Geometries = shapely.transform(shapes, there)
        return moved

    @cached_property
    def _plane(self) -> pyproj.Transformer:
        place = f"+lat_0={self._row['latitude']} +lon_0={self._row['longitude']}"
        metres = f"+proj=aeqd {place} +datum=WGS84 +units=m"
        return pyproj.Transformer.from_crs("EPSG:4326", metres, always_xy=True)


def _through(transformer: pyproj.Transformer, direction: TransformDirection) -> Through:
    """A transformation of points, (point, 2)."""

    def moved(points: Points) -> Points:
        return np.column_stack(
            transformer.transform(points[:, 0], points[:, 1], direction=direction)
        )

    return moved
