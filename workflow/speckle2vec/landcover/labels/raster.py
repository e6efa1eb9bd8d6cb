"""Labels from rasters of codes or masks: one for all samples, or one a place."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioError
from rasterio.windows import Window

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.classes import OUTSIDE, Legend
from speckle2vec.landcover.labels.grids import moved, told, transformer
from speckle2vec.products.labels import ClassArray
from speckle2vec.readers.label_files import EVERY_PLACE, file_of
from speckle2vec.settings.labels import Labels


def open_source(labels: Labels, files: Mapping[str, str], legend: Legend) -> "RasterSource":
    """Open the rasters of the settings.

    Raises:
        UserError: The one raster for all cannot be read, or has no CRS or no such band.
    """
    source = RasterSource(files, labels.band, legend)
    if EVERY_PLACE in files:
        with source.opened(files[EVERY_PLACE]):
            pass
    return source


class RasterSource:
    """Rasters of codes: a pixel of a sample has the code of the raster's pixel around its centre.

    That is nearest neighbour, exact to rounding; GDAL's warper approximates positions.
    """

    def __init__(self, files: Mapping[str, str], band: int, legend: Legend) -> None:
        self._files, self._band, self._legend = files, band, legend
        self._used: set[str] = set()
        self._digest = hashlib.sha256()

    def read(self, place: str, grid: GeoBox) -> ClassArray:
        """Class indices on a sample's grid; `Source.read` tells more."""
        path = file_of(self._files, place)
        if path is None:
            return np.full(grid.shape, OUTSIDE, np.uint8)
        self._used.add(Path(path).name)
        codes, inside = self._codes(path, grid)
        self._digest.update(codes.tobytes() + inside.tobytes())
        image = np.full(grid.shape, OUTSIDE, np.uint8)
        image[inside] = self._legend.indices(codes[inside])
        return image

    def about(self) -> dict[str, Any]:
        """Names of the files, the band, and a digest of the codes that were read."""
        return {
            "kind": "raster", "files": sorted(self._used), "band": self._band,
            "sha256": self._digest.hexdigest(),
        }  # fmt: skip

    def extent(self) -> str:
        """Where the raster lies, for a sentence."""
        if EVERY_PLACE not in self._files:
            return f"the places {', '.join(list(self._files)[:3])}, ..."
        with self.opened(self._files[EVERY_PLACE]) as raster:
            return told(raster.bounds, raster.crs.to_wkt())

    def tell(self, task: str) -> None:
        """Nothing is ever mended in a raster."""

    def opened(self, path: str) -> rasterio.DatasetReader:
        """A raster that is open and has been checked.

        Raises:
            UserError: It cannot be read, or has no CRS or no such band.
        """
        try:
            raster = rasterio.open(path)
        except (RasterioError, OSError) as error:
            raise UserError(f"{path}: cannot be read as a raster ({error}).") from error
        if self._band > raster.count:
            raise UserError(
                f"{path}: has {raster.count} bands, so there is no band {self._band}; correct "
                "`labels.band`."
            )
        if raster.crs is None:
            raise UserError(
                f"{path}: has no coordinate reference system, so nobody knows where it lies; "
                "write one into it, such as `gdal_edit.py -a_srs EPSG:3035 file.tif`."
            )
        return raster

    def _codes(
        self, path: str, grid: GeoBox
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """The code of each pixel's centre, and whether the raster has one there."""
        codes = np.zeros(grid.shape, np.int64)
        with self.opened(path) as raster:
            rows, columns = _positions(grid, raster)
            inside = (rows >= 0) & (rows < raster.height)
            inside &= (columns >= 0) & (columns < raster.width)
            if not inside.any():
                return codes, inside
            top, left = rows[inside].min(), columns[inside].min()
            window = Window.from_slices(
                (top, rows[inside].max() + 1), (left, columns[inside].max() + 1)
            )
            values, known = _read(raster, self._band, window, path)
        there = rows[inside] - top, columns[inside] - left
        codes[inside] = _whole(values[there], known[there], path)
        inside[inside] = known[there]
        return codes, inside


def _positions(
    grid: GeoBox, raster: rasterio.DatasetReader
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row and column in a raster of each pixel's centre, (y, x); -1 where there is none."""
    rows, columns = (np.arange(side) + 0.5 for side in grid.shape)
    x, y = moved(grid.affine, *np.meshgrid(columns, rows))
    there = transformer(str(grid.crs), raster.crs.to_wkt()).transform(x, y)
    column, row = moved(~raster.transform, *there)
    known = np.isfinite(column) & np.isfinite(row)
    found = [np.where(known, np.floor(axis), -1).astype(np.int64) for axis in (row, column)]
    return found[0], found[1]


def _read(
    raster: rasterio.DatasetReader, band: int, window: Window, path: str
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Values and where they are no nodata, of a window."""
    try:
        values = raster.read(band, window=window)
        known = raster.read_masks(band, window=window) > 0
    except RasterioError as error:
        raise UserError(
            f"{path}: cannot be read ({error}); the file is incomplete or damaged, fetch it again."
        ) from error
    return values, known & np.isfinite(values)


def _whole(
    values: npt.NDArray[Any], inside: npt.NDArray[np.bool_], path: str
) -> npt.NDArray[np.int64]:
    filled = np.where(inside, values, 0)
    codes = filled.astype(np.int64)
    if (codes != filled).any():
        broken = filled[codes != filled][0]
        raise UserError(
            f"{path}: holds {broken:g}, but labels are whole codes; correct `labels.path` or "
            "`labels.band`."
        )
    return codes
