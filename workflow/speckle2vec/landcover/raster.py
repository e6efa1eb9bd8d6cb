"""Labels from rasters of codes or masks: one for all samples, or one a place."""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

from speckle2vec.errors import UserError
from speckle2vec.landcover.classes import OUTSIDE, Legend
from speckle2vec.landcover.grids import told
from speckle2vec.products.labels import ClassArray
from speckle2vec.readers.label_files import EVERY_PLACE, file_of
from speckle2vec.settings.labels import Labels

LOGGER = logging.getLogger("speckle2vec")


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
    """Rasters whose nearest pixel is a sample's label; no value of theirs is made up."""

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
        """The nearest code of each pixel, and whether the raster has one there."""
        height, width = grid.shape
        try:
            with (
                self.opened(path) as raster,
                WarpedVRT(
                    raster, crs=str(grid.crs), transform=grid.affine, width=width, height=height,
                    tolerance=0, add_alpha=True, resampling=Resampling.nearest,
                ) as there,
            ):  # fmt: skip
                values, mask = there.read(self._band), there.dataset_mask()
        except RasterioError as error:
            raise UserError(
                f"{path}: cannot be read ({error}); the file is incomplete or damaged, fetch it "
                "again."
            ) from error
        inside = (mask > 0) & np.isfinite(values)
        return _whole(values, inside, path), inside


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
