"""The level-1 class of CORINE at places, read by small windows of a file of any size."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.sampling.corine_raster import CorineRaster
from speckle2vec.corpus.sampling.corine_vector import CorinePolygons
from speckle2vec.corpus.sampling.parts import IntArray
from speckle2vec.settings.archive import CorineStrata

DoubleArray = npt.NDArray[np.float64]
RASTERS = (".tif", ".tiff", ".vrt", ".img", ".jp2")


def open_corine(corine: CorineStrata, path: str) -> Callable[[DoubleArray], IntArray]:
    """Open CORINE and give a function from places to level-1 classes.

    Args:
        corine: Layer, field, band and codes.
        path: The file, a raster by its suffix or else polygons.

    Returns:
        Takes longitude and latitude, degrees, (place, 2); gives 1 to 5, and 0 where there
        is no class: outside the file, nodata, codes such as 999.

    Raises:
        UserError: The file cannot be read, or has no such layer, field, band or CRS.
    """
    if Path(path).suffix.lower() in RASTERS:
        return CorineRaster(corine, path)
    return CorinePolygons(corine, path)
