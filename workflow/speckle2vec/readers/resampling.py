"""A raster's pixels on the grid of another: copied where they agree, else interpolated."""

import math

import numpy as np
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from rasterio.warp import Resampling, reproject
from rasterio.windows import Window

from speckle2vec.readers.base import FloatArray

MARGIN = 2
"""Pixels beyond the grid that interpolation looks at, of the coarser of both."""
AGREE = 1e-3
"""Grids that differ by less than this, pixels, are one."""


def source_window(raster: rasterio.DatasetReader, grid: GeoBox) -> Window:
    """The part of a raster that lies on a grid of the same system, with a margin; may be empty."""
    height, width = grid.shape
    to_source = ~raster.transform @ grid.affine
    corners = [to_source @ corner for corner in ((0, 0), (width, 0), (0, height), (width, height))]
    a, b, _, d, e, _ = to_source[:6]
    steps = abs(a) + abs(b), abs(d) + abs(e)
    sides = raster.width, raster.height
    spans = []
    for values, side, step in zip(zip(*corners, strict=True), sides, steps, strict=True):
        margin = math.ceil(MARGIN * max(step - AGREE, 1))
        start = min(max(math.floor(min(values)) - margin, 0), side)
        stop = min(max(math.ceil(max(values)) + margin, start), side)
        spans.append((start, max(stop - start, 0)))
    (column, columns), (row, rows) = spans
    return Window(column, row, columns, rows)


def on_grid(values: FloatArray, transform: Affine, grid: GeoBox) -> FloatArray:
    """Values (y, x) of a raster on a grid of the same system; NaN where there are none.

    Bilinear; where several pixels of the raster fall on one of the grid, GDAL averages them.

    Args:
        values: Pixels, NaN where nothing is known.
        transform: From their columns and rows to coordinates.
        grid: Where they are wanted.
    """
    target = np.full(grid.shape, np.nan, np.float32)
    if values.size == 0:
        return target
    shift = ~transform @ grid.affine
    if _is_shift(shift):
        _copy(values, target, round(shift.f), round(shift.c))
        return target
    reproject(
        values, target, src_transform=transform, dst_transform=grid.affine, src_crs=str(grid.crs),
        dst_crs=str(grid.crs), src_nodata=np.nan, dst_nodata=np.nan, num_threads=1,
        resampling=Resampling.bilinear, tolerance=0,
    )  # fmt: skip
    return target


def _is_shift(affine: Affine) -> bool:
    """Whether it moves pixels by whole steps and does nothing else."""
    rest = np.array(affine[:6]) - (1, 0, round(affine.c), 0, 1, round(affine.f))
    return bool(np.abs(rest[[2, 5]]).max() < AGREE and np.abs(rest[[0, 1, 3, 4]]).max() < 1e-6)


def _copy(values: FloatArray, target: FloatArray, row: int, column: int) -> None:
    """Fill the target, whose first pixel is that of the values at (row, column)."""
    spans = []
    for start, have, want in zip((row, column), values.shape, target.shape, strict=True):
        first, last = max(start, 0), min(start + want, have)
        if first >= last:
            return
        spans.append((slice(first, last), slice(first - start, last - start)))
    (from_rows, to_rows), (from_columns, to_columns) = spans
    target[to_rows, to_columns] = values[from_rows, from_columns]
