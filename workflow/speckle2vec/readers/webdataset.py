"""The WebDataset release of SSL4EO-S12 v1.1: a tar of one `zarr.zip` a place, read in place."""

import tarfile
import threading
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np
import zarr

from speckle2vec.errors import UserError
from speckle2vec.readers import bands, coordinates, layout
from speckle2vec.readers.archives import damage_told, group_of, open_binary
from speckle2vec.readers.base import POLARISATIONS, FloatArray, Sample
from speckle2vec.readers.units import sample_in_decibels


class TarShard:
    """A tar of samples; each member is read whole from its offset, one at a time.

    A member of another layout is a sample with a problem; a member that cannot be decoded
    stops the shard.
    """

    def __init__(self, location: str) -> None:
        self._location = location
        self._file = open_binary(location)
        self._lock = threading.Lock()
        try:
            with damage_told(location):
                self._members = members(self._file)
            if not self._members:
                raise UserError(f"{location}: holds no .zarr.zip; it is no SSL4EO-S12 v1.1 tar.")
            self._samples = tuple(map(self._describe, range(len(self._members))))
        except BaseException:
            self._file.close()
            raise

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All samples, in the order of the tar."""
        return self._samples

    def read(self, row: int) -> FloatArray:
        """Backscatter of one sample in dB, (date, polarisation, y, x)."""
        where = self._where(row)
        with damage_told(where):
            group = group_of(self._bytes(row))
            order = _order(group, where, layout.sizes(group, where))
            values = bands.pixels(group, slice(0, 1), order)[0]
        return sample_in_decibels(values, where)

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def _describe(self, row: int) -> Sample:
        where = self._where(row)
        name = PurePosixPath(self._members[row].name).name.partition(".")[0]
        try:
            with damage_told(where):
                return _sample(group_of(self._bytes(row)), where, name, row)
        except layout.LayoutError as error:
            return Sample(name, row, name, None, (), problem=str(error))

    def _where(self, row: int) -> str:
        return f"{self._location}, member {self._members[row].name}"

    def _bytes(self, row: int) -> bytes:
        member = self._members[row]
        with self._lock:
            self._file.seek(member.offset_data)
            content = self._file.read(member.size)
        if len(content) != member.size:
            raise EOFError(f"it ends after {len(content)} of {member.size} bytes")
        return content


def members(file: BinaryIO) -> list[tarfile.TarInfo]:
    """The zips in a tar, in its order."""
    with tarfile.open(fileobj=file, mode="r:") as archive:
        return [item for item in archive if item.isfile() and item.name.endswith("zarr.zip")]


def _order(group: zarr.Group, where: str, sizes: dict[str, int]) -> list[int]:
    """Members that name no bands hold VV, VH: the order of the published statistics."""
    return bands.polarisation_order(group, where, sizes["band"], unnamed=POLARISATIONS)


def _sample(group: zarr.Group, where: str, name: str, row: int) -> Sample:
    sizes = layout.sizes(group, where)
    _order(group, where, sizes)
    name = coordinates.sample_ids(group, where, otherwise=name)[0]
    dates: tuple[np.datetime64, ...] = tuple(coordinates.dates(group, sizes, where)[0])
    return Sample(name, row, name, coordinates.grids(group, sizes, where)[0], dates)
