"""The class of CORINE at places, from a raster of any size."""

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioError
from rasterio.transform import rowcol
from rasterio.windows import Window

from speckle2vec.corpus.sampling.corine_codes import by_tile, level_1, to_system, without_crs
from speckle2vec.corpus.sampling.parts import IntArray
from speckle2vec.errors import UserError
from speckle2vec.settings.archive import CorineStrata

DoubleArray = npt.NDArray[np.float64]
TILE_PIXELS = 512
"""Side of the squares that are read together."""


class CorineRaster:
    """A raster of codes; a place has the code of the pixel it lies in."""

    def __init__(self, corine: CorineStrata, path: str) -> None:
        self._corine, self._path = corine, path
        with self._opened() as raster:
            if raster.crs is None:
                raise without_crs(path)
            if corine.band > raster.count:
                raise UserError(
                    f"{path}: has {raster.count} bands, so there is no band {corine.band}; correct "
                    "`sampling.corine.band`."
                )
            self._move = to_system(raster.crs.to_wkt())

    def __call__(self, places: DoubleArray) -> IntArray:
        """Level-1 class of places (longitude and latitude, degrees), 0 where there is none."""
        x, y = self._move.transform(*places.T)
        classes = np.zeros(len(places), np.int64)
        with self._opened() as raster:
            spots = np.stack(rowcol(raster.transform, x, y, op=np.floor), axis=1)
            inside = ((spots >= 0) & (spots < raster.shape)).all(axis=1)
            pixels = spots[inside].astype(np.int64)
            codes = np.zeros(len(pixels), np.int64)
            for mine in by_tile(pixels, TILE_PIXELS):
                codes[mine] = self._codes(raster, pixels[mine])
        classes[inside] = level_1(codes, self._corine.codes)
        return classes

    def _codes(self, raster: rasterio.DatasetReader, pixels: IntArray) -> IntArray:
        first, last = pixels.min(axis=0), pixels.max(axis=0) + 1
        window = Window.from_slices((first[0], last[0]), (first[1], last[1]))
        try:
            values = raster.read(self._corine.band, window=window, masked=True)
        except RasterioError as error:
            raise UserError(f"{self._path}: is damaged ({error}); fetch it again.") from error
        whole = np.nan_to_num(values.filled(0)).astype(np.int64)
        return np.asarray(whole[tuple((pixels - first).T)])

    def _opened(self) -> rasterio.DatasetReader:
        try:
            return rasterio.open(self._path)
        except (RasterioError, OSError) as error:
            raise UserError(
                f"{self._path}: cannot be read as a raster ({error}); correct "
                "`sampling.corine.path`."
            ) from error
