"""The Zarr release of SSL4EO-S12 v1.1: 64 samples of 4 dates in a zip, read in place."""

import threading

import numpy as np
import numpy.typing as npt
import zarr

from speckle2vec.errors import UserError
from speckle2vec.readers import bands, coordinates, layout
from speckle2vec.readers.archives import damage_told, dimensions, open_binary, open_group
from speckle2vec.readers.base import FloatArray, Sample, Shard
from speckle2vec.readers.units import sample_in_decibels
from speckle2vec.readers.webdataset import TarShard
from speckle2vec.settings.corpora import SimulatedCorpus, Ssl4eoCorpus, StacCorpus
from speckle2vec.settings.root import Settings

Pixels = npt.NDArray[np.float32]


def open_files(
    settings: Settings,  # noqa: ARG001
    corpus: Ssl4eoCorpus | SimulatedCorpus | StacCorpus,
    files: tuple[str, ...],
) -> Shard:
    """Open a shard of either published release, told apart by the file's suffix.

    Raises:
        UserError: The file is missing, damaged, of another layout, or says of itself that it
            has another calibration than is declared.
    """
    (location,) = files
    if location.endswith(".tar"):
        return TarShard(location)
    return ZarrShard(location, corpus.calibration)


class ZarrShard:
    """A `.zarr.zip` of many samples.

    Chunks may span samples (the published ones hold one date of all 64), so the samples
    of one chunk are decoded together and the last such block is kept: memory is bounded
    by the chunk.
    """

    def __init__(self, location: str, calibration: str) -> None:
        self._location = location
        self._file = open_binary(location)
        self._lock = threading.Lock()
        self._held: tuple[int, Pixels] | None = None
        try:
            with damage_told(location):
                self._open()
            self._check(calibration)
        except BaseException:
            self._file.close()
            raise

    def _open(self) -> None:
        self._group = open_group(self._file)
        self._sizes = layout.sizes(self._group, self._location)
        self._order = bands.polarisation_order(self._group, self._location, self._sizes["band"])
        self._together = _samples_a_chunk(self._group)
        ids = coordinates.sample_ids(self._group, self._location)
        dates = coordinates.dates(self._group, self._sizes, self._location)
        grids = coordinates.grids(self._group, self._sizes, self._location)
        self._samples = tuple(
            Sample(name, row, name, grid, tuple(moments))
            for row, (name, grid, moments) in enumerate(zip(ids, grids, dates, strict=True))
        )

    def _check(self, declared: str) -> None:
        """See that the file, where it says so, is calibrated as declared."""
        told = self._group.attrs.get("calibration", declared)
        if told != declared:
            raise UserError(
                f"{self._location}: says that it is {told}, and `calibration` of its corpus is "
                f"{declared}; correct the setting, or take the files that fit it."
            )

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All samples, in the order of the file."""
        return self._samples

    def read(self, row: int) -> FloatArray:
        """Backscatter of one sample in dB, (date, polarisation, y, x)."""
        where = f"{self._location}, sample {self._samples[row].sample_id}"
        with damage_told(self._location):
            values = self._stored(row)
        return sample_in_decibels(values, where)

    def close(self) -> None:
        """Release the file."""
        self._held = None
        self._file.close()

    def _stored(self, row: int) -> Pixels:
        if self._together == 1:
            return bands.pixels(self._group, slice(row, row + 1), self._order)[0, ...]
        start = row - row % self._together
        with self._lock:
            if self._held is None or self._held[0] != start:
                self._held = None
                part = slice(start, start + self._together)
                self._held = (start, bands.pixels(self._group, part, self._order))
            return self._held[1][row - start, ...]


def _samples_a_chunk(group: zarr.Group) -> int:
    array = group["bands"]
    assert isinstance(array, zarr.Array)
    lengths = dict(zip(dimensions(array, layout.PIXELS), array.chunks, strict=True))
    return int(lengths.get("sample", 1))
