"""Sentinel-2 L2A of both releases of SSL4EO-S12 v1.1, beside the shards of Sentinel-1."""

import numpy as np
from odc.geo.geobox import GeoBox

from speckle2vec.readers.archives import damage_told
from speckle2vec.readers.base import OpticalImage, PairError, Sample, Window
from speckle2vec.readers.optical_described import Described
from speckle2vec.readers.optical_sources import Source, TarSource, ZarrSource
from speckle2vec.readers.reflectance import conversion, to_reflectance
from speckle2vec.settings.corpora import SimulatedCorpus, Ssl4eoCorpus, StacCorpus
from speckle2vec.settings.root import Settings

SCALE = 10_000.0


def open_files(
    settings: Settings,  # noqa: ARG001
    corpus: Ssl4eoCorpus | SimulatedCorpus | StacCorpus,
    files: tuple[str, ...],
) -> "OpticalSamples":
    """Open the Sentinel-2 file of a shard of either published release.

    Raises:
        UserError: The file is missing, damaged, or of another layout.
    """
    (location,) = files
    # What is cut says itself what was added; the setting is about the archive's numbers.
    declared = None if isinstance(corpus, StacCorpus) else corpus.optical_offset
    source = TarSource if location.endswith(".tar") else ZarrSource
    return OpticalSamples(location, source(location), declared)


class OpticalSamples:
    """The samples of one file, found by the id they share with Sentinel-1."""

    def __init__(self, location: str, source: Source, declared: int | None) -> None:
        self._location, self._source, self._declared = location, source, declared

    def dates(self, sample: Sample) -> tuple[np.datetime64, ...]:
        """Acquisition dates of the images of a sample."""
        return self._described(sample).dates

    def read(self, sample: Sample, date: int, window: Window) -> OpticalImage:
        """Part of one image, (12, y, x)."""
        found, where = self._described(sample), f"{self._location}, sample {sample.sample_id}"
        _check_ground(sample, found.grid, where)
        name = found.names[date : date + 1]
        how = conversion(found.said, name, self._declared, SCALE, where)
        with damage_told(where):
            stored = self._source.read(found.row, date)
        values = to_reflectance(stored[:, window[0], window[1]], how, found.nodata)
        return OpticalImage(values, how.offset, how.source)

    def close(self) -> None:
        """Release the file."""
        self._source.close()

    def _described(self, sample: Sample) -> Described:
        with damage_told(self._location):
            found = self._source.find(sample.sample_id)
        if found is None:
            raise PairError(f"is not in {self._location}")
        return found


def _check_ground(sample: Sample, grid: GeoBox | None, where: str) -> None:
    """Both grids agree within half a pixel; a file without positions cannot be checked."""
    if sample.grid is None or grid is None:
        return
    corners = [np.array(one.boundingbox.bbox) for one in (sample.grid, grid)]
    half = abs(sample.grid.affine.a) / 2
    same = sample.grid.shape == grid.shape and sample.grid.crs == grid.crs
    if not same or np.abs(corners[0] - corners[1]).max() > half:
        raise PairError(f"Sentinel-2 covers other ground than Sentinel-1, in {where}")
