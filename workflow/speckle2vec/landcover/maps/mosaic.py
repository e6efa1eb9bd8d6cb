"""Samples side by side on one grid, averaged where they overlap."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from affine import Affine
from odc.geo.geobox import GeoBox, geobox_union_conservative
from rasterio.warp import Resampling, reproject
from rasterio.windows import Window

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.grids import transformer
from speckle2vec.landcover.maps.edges import edge_weights

FloatArray = npt.NDArray[np.float32]
TILE = 1024
"""Side of the windows that are worked on one after the other, pixels."""
LONGEST_SIDE = 2**16
"""A mosaic with a longer side is refused, pixels."""
_ALIGNED = 1e-3  # of a pixel
_EQUAL = 1e-8  # of sides and turns of pixels, as odc-geo asks


@dataclass(frozen=True)
class Mosaic:
    """A grid, and where the samples lie on it."""

    grid: GeoBox
    samples: tuple[GeoBox, ...]
    """The samples' own grids."""
    boxes: npt.NDArray[np.int64]
    """First row, first column, last row + 1, last column + 1 of each sample, (sample, 4)."""

    def tiles(self) -> Iterator[tuple[Window, list[int]]]:
        """The windows that samples lie in, row by row, and which samples those are."""
        height, width = self.grid.shape
        found: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for index, (top, left, bottom, right) in enumerate(self.boxes):
            for row in range(top // TILE, (bottom - 1) // TILE + 1):
                for column in range(left // TILE, (right - 1) // TILE + 1):
                    found[row, column].append(index)
        for row, column in sorted(found):
            top, left = row * TILE, column * TILE
            sides = min(width - left, TILE), min(height - top, TILE)
            yield Window(left, top, *sides), found[row, column]


def mosaic_of(grids: Sequence[GeoBox]) -> Mosaic:
    """The smallest grid that holds all samples, on the pixels of the first.

    Raises:
        UserError: They lie too far apart.
    """
    first = grids[0]
    placed = [_on_pixels_of(first, grid) for grid in grids]
    whole = geobox_union_conservative(placed)
    height, width = whole.shape
    if max(height, width) > LONGEST_SIDE:
        raise UserError(
            f"The samples, in {_systems(grids)}, spread over {width:,} x {height:,} pixels, and a "
            f"map may have {LONGEST_SIDE:,} a side; name samples that lie nearer to each other, "
            "or narrower bounds."
        )
    regions = [_overlap(whole, box) for box in placed]
    boxes = [(rows.start, columns.start, rows.stop, columns.stop) for rows, columns in regions]
    return Mosaic(whole, tuple(grids), np.array(boxes, np.int64))


def add_sample(sums: FloatArray, tile: GeoBox, probabilities: FloatArray, sample: GeoBox) -> None:
    """Add a sample to the sums of a tile, weighted, where it lies in the tile.

    A sample on other pixels, such as those of another UTM zone, is resampled bilinearly.

    Args:
        sums: (class + 1, y, x); the last is the sum of the weights.
        tile: Grid of the sums.
        probabilities: (class, y, x) on the sample's own grid; all 0 where nothing is known.
        sample: The sample's own grid.
    """
    weights = edge_weights(probabilities.shape[1:]) * probabilities.any(axis=0)
    values = np.concatenate([probabilities * weights, weights[None]])
    if _aligned(tile, sample):
        rows, columns = _overlap(tile, sample)
        from_rows, from_columns = _overlap(sample, tile)
        sums[:, rows, columns] += values[:, from_rows, from_columns]
        return
    moved = np.zeros_like(sums)
    reproject(
        values, moved, src_transform=sample.affine, src_crs=str(sample.crs),
        dst_transform=tile.affine, dst_crs=str(tile.crs), resampling=Resampling.bilinear,
    )  # fmt: skip
    sums += moved


def _overlap(one: GeoBox, other: GeoBox) -> tuple[slice, slice]:
    """Rows and columns of a grid that lie in another one."""
    rows, columns = one.overlap_roi(other, _ALIGNED)
    return slice(rows.start, rows.stop), slice(columns.start, columns.stop)


def _on_pixels_of(first: GeoBox, grid: GeoBox) -> GeoBox:
    if _aligned(first, grid):
        _, _, column, _, _, row = (~first.affine @ grid.affine)[:6]
        corner = first.affine @ Affine.translation(round(column), round(row))
        return GeoBox(grid.shape, corner, first.crs)
    bounds = transformer(str(grid.crs), str(first.crs)).transform_bounds(*grid.boundingbox.bbox)
    if not np.isfinite(bounds).all():
        raise UserError(
            f"The samples, in {_systems([first, grid])}, lie too far apart for one map; name "
            "samples that lie nearer to each other."
        )
    return first.enclosing(grid.extent)


def _systems(grids: Sequence[GeoBox]) -> str:
    return " and ".join(dict.fromkeys(str(grid.crs) for grid in grids))


def _aligned(one: GeoBox, other: GeoBox) -> bool:
    """Whether pixels of one grid are pixels of the other."""
    if one.crs != other.crs:
        return False
    a, b, column, d, e, row = (~one.affine @ other.affine)[:6]
    sides = np.array([a - 1, b, d, e - 1])
    shifts = np.array([column - round(column), row - round(row)])
    return bool(np.abs(sides).max() < _EQUAL and np.abs(shifts).max() < _ALIGNED)
