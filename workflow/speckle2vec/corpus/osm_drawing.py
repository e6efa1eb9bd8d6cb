"""Geometries in degrees, drawn on the grid of a sample."""

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

from speckle2vec.corpus.osm_patches import Geometries, outline_of, to_degrees

Points = npt.NDArray[np.float64]
Through = Callable[[Points], Points]
_MARGIN_METRES = 30.0


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
        self, shapes: Geometries, width: float, value: int, image: npt.NDArray[np.uint8]
    ) -> None:
        """Draw geometries of one class into an image (y, x).

        Args:
            shapes: Points, lines and polygons, degrees.
            width: How wide points and lines are, metres; a pixel at least.
            value: What is written.
            image: The image; what stood there is covered.
        """
        if not len(shapes):
            return
        thin = shapes[shapely.get_dimensions(shapes) < 2]
        drawn = [self._moved(shapes)]
        if len(thin) and width > 0:
            drawn.append(self._moved(self._widened(thin, width)))
        pairs = ((one, value) for group in drawn for one in group if not one.is_empty)
        rasterize(pairs, out=image, transform=self._affine)

    def inside(self, extent: shapely.Geometry) -> npt.NDArray[np.bool_]:
        """Which pixels' centres lie in a polygon (degrees), (y, x)."""
        outline = outline_of(self._row, _MARGIN_METRES)
        if shapely.covers(extent, outline):
            return np.ones(self._shape, np.bool_)
        image = np.zeros(self._shape, np.uint8)
        parts = shapely.get_parts(shapely.intersection(extent, outline))
        self.draw(parts[shapely.get_dimensions(parts) == 2], 0, 1, image)
        return image > 0

    def _widened(self, shapes: Geometries, width: float) -> Geometries:
        flat = shapely.transform(shapes, _through(self._plane, TransformDirection.FORWARD))
        wide = shapely.buffer(flat, width / 2)
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
