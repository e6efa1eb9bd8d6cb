"""A user's own Sentinel-2 GeoTIFFs, brought to the grid of Sentinel-1."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import rasterio
from odc.geo.geobox import GeoBox

from speckle2vec.errors import UserError
from speckle2vec.readers.base import FloatArray, OpticalImage, PairError, Sample, Window
from speckle2vec.readers.optical_listing import optical_root
from speckle2vec.readers.patterns import RasterFile, parse_names
from speckle2vec.readers.rasters import dated_by_tag, open_raster
from speckle2vec.readers.reflectance import (
    Conversion,
    check_units,
    conversion,
    linear,
    to_reflectance,
)  # fmt: skip
from speckle2vec.readers.resampling import on_grid, source_window
from speckle2vec.settings.corpus import OPTICAL_BANDS
from speckle2vec.settings.geotiff import GeotiffCorpus, OpticalFiles
from speckle2vec.settings.root import Settings

ALREADY = Conversion(1.0, 0, "the setting `optical.units`")


class Band(NamedTuple):
    """One band of one image."""

    location: str
    number: int


Images = dict[str, dict[str, Band]]
"""Date -> band -> where it is."""


def open_files(
    settings: Settings, corpus: GeotiffCorpus, files: tuple[str, ...]
) -> "OpticalStacks":
    """Know the images of one shard by their names; each is opened when it is read.

    Raises:
        UserError: A date is read from a tag that is missing.
    """
    optical = corpus.optical
    assert optical is not None
    root = optical_root(settings, corpus, optical)
    parsed = parse_names(root, [file.removeprefix(f"{root}/") for file in files], optical)
    return OpticalStacks(dated_by_tag(parsed, optical.date_tag), corpus, optical)


class OpticalStacks:
    """Images of some places, found by the place they share with Sentinel-1."""

    def __init__(
        self, files: Sequence[RasterFile], corpus: GeotiffCorpus, optical: OpticalFiles
    ) -> None:
        self._optical, self._declared = optical, corpus.optical_offset
        self._places: dict[str, Images] = {}
        for file in files:
            images = self._places.setdefault(file.place, {})
            images.setdefault(file.date, {}).update(_bands(file, optical))

    def dates(self, sample: Sample) -> tuple[np.datetime64, ...]:
        """Acquisition dates of the images of a sample's place, ascending."""
        dates = self._dates(sample)
        if not self._optical.undated and "" in dates:
            raise PairError(
                f"the Sentinel-2 image of place {sample.place} has no date; set "
                "`optical.undated` to true if it was chosen for the place"
            )
        return tuple(np.datetime64(date or "NaT", "ms") for date in dates)

    def read(self, sample: Sample, date: int, window: Window) -> OpticalImage:
        """Part of one image, (12, y, x), every band on the grid of the sample."""
        day = self._dates(sample)[date]
        bands = self._places[sample.place][day]
        missing = [name for name in OPTICAL_BANDS if name not in bands]
        if missing:
            raise PairError(f"Sentinel-2 of {day[:10] or sample.place} lacks {', '.join(missing)}")
        if sample.grid is None:
            raise PairError("is not georeferenced, so Sentinel-2 cannot be brought to its grid")
        grid = sample.grid[window]
        read = [self._read(bands[name], grid) for name in OPTICAL_BANDS]
        offsets = {how.offset for _, how in read}
        if len(offsets) > 1:
            raise UserError(
                f"{bands[OPTICAL_BANDS[0]].location}: its bands say different offsets "
                f"({', '.join(map(str, sorted(offsets)))}); keep one product an image."
            )
        return OpticalImage(np.stack([values for values, _ in read]), *read[0][1][1:])

    def close(self) -> None:
        """Nothing stays open between two reads."""

    def _dates(self, sample: Sample) -> list[str]:
        if sample.place not in self._places:
            raise PairError(f"there is no Sentinel-2 image of place {sample.place}")
        return sorted(self._places[sample.place])

    def _read(self, band: Band, grid: GeoBox) -> tuple[FloatArray, Conversion]:
        where = f"{band.location}, band {band.number}"
        with open_raster(band.location) as raster:
            _check(raster, band, grid)
            how = self._conversion(raster, band)
            window = source_window(raster, grid)
            if not (window.width and window.height):
                raise PairError(f"{band.location} covers other ground than Sentinel-1")
            stored = raster.read(band.number, window=window, masked=True, out_dtype="float32")
            transform = raster.window_transform(window)
        numbers = stored.filled(np.nan)
        check_units(numbers, self._optical.units, where)
        if self._optical.units == "reflectance":
            known = np.isfinite(numbers)
            values: FloatArray = np.where(known, np.maximum(numbers, 0), np.float32(np.nan))
        else:
            values = to_reflectance(numbers, how)
        return on_grid(values, transform, grid), how

    def _conversion(self, raster: rasterio.DatasetReader, band: Band) -> Conversion:
        if self._optical.units == "reflectance":
            return ALREADY
        index = band.number - 1
        said = linear(raster.scales[index], raster.offsets[index])
        names = (band.location, *raster.tags().values())
        return conversion(said, names, self._declared, self._optical.scale, band.location)


def _bands(file: RasterFile, optical: OpticalFiles) -> dict[str, Band]:
    if file.band:
        names = [name for name in OPTICAL_BANDS if optical.bands[name] == file.band]
        return {name: Band(file.location, 1) for name in names}
    return {name: Band(file.location, int(optical.bands[name])) for name in OPTICAL_BANDS}


def _check(raster: rasterio.DatasetReader, band: Band, grid: GeoBox) -> None:
    if band.number > raster.count:
        raise UserError(
            f"{band.location}: has {raster.count} bands, so there is no band {band.number}; "
            "correct `optical.bands` in the settings."
        )
    assert grid.crs is not None
    wanted = rasterio.crs.CRS.from_user_input(grid.crs.epsg or grid.crs.to_wkt())
    if raster.crs != wanted:
        raise PairError(
            f"{band.location} is in {raster.crs or 'no coordinate system'}, Sentinel-1 in "
            f"{wanted}; bring both to one"
        )
