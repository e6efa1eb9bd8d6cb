"""Files of many Sentinel-2 samples: a sample found by its id, and its stored numbers."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import zarr

from speckle2vec.readers import bands, layout
from speckle2vec.readers.archives import (
    damage_told,
    dimensions,
    group_of,
    open_binary,
    open_group,
)
from speckle2vec.readers.optical_described import Described, described_samples
from speckle2vec.readers.webdataset import members

Numbers = npt.NDArray[Any]


class Source(Protocol):
    """A file of many samples."""

    def find(self, sample_id: str) -> Described | None:
        """What is known of a sample."""
        ...

    def read(self, row: int, date: int) -> Numbers:
        """Numbers of one image as stored, (band, y, x)."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class ZarrSource:
    """A `.zarr.zip` of many samples.

    Chunks may span samples (the published ones hold one date of all 64): what was decoded
    together is kept, one block a date, in the stored type.
    """

    def __init__(self, location: str) -> None:
        self._file = open_binary(location)
        self._held: dict[int, tuple[int, Numbers]] = {}
        try:
            with damage_told(location):
                self._open(location)
        except BaseException:
            self._file.close()
            raise

    def _open(self, location: str) -> None:
        self._group = open_group(self._file)
        length = layout.sizes(self._group, location)
        self._order = bands.optical_order(self._group, location, length["band"])
        array = self._group["bands"]
        assert isinstance(array, zarr.Array)
        chunks = dict(zip(dimensions(array, layout.PIXELS), array.chunks, strict=True))
        self._together = int(chunks.get("sample", 1))
        self._samples = described_samples(self._group, length, location)

    def find(self, sample_id: str) -> Described | None:
        """What is known of a sample."""
        return self._samples.get(sample_id)

    def read(self, row: int, date: int) -> Numbers:
        """Numbers of one image as stored, (band, y, x)."""
        start = row - row % self._together
        held = self._held.get(date)
        if held is None or held[0] != start:
            self._held.pop(date, None)
            part = slice(start, start + self._together)
            held = start, bands.numbers(self._group, part, date, self._order)
            self._held[date] = held
        return np.asarray(held[1][row - start])

    def close(self) -> None:
        """Release the file."""
        self._held = {}
        self._file.close()


class TarSource:
    """A tar of one `zarr.zip` a place, of which one is in memory."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._file = open_binary(location)
        self._held: tuple[int, zarr.Group] | None = None
        try:
            with damage_told(location):
                self._members = members(self._file)
        except BaseException:
            self._file.close()
            raise
        names = [PurePosixPath(member.name).name.partition(".")[0] for member in self._members]
        self._rows = {name: row for row, name in enumerate(names)}
        self._samples: dict[str, Described] = {}

    def find(self, sample_id: str) -> Described | None:
        """What is known of a sample; a member is called by its id, or says it inside."""
        if sample_id in self._rows:
            self._describe(self._rows[sample_id])
        if sample_id not in self._samples:
            for row in range(len(self._members)):
                self._describe(row)
        return self._samples.get(sample_id)

    def read(self, row: int, date: int) -> Numbers:
        """Numbers of one image as stored, (band, y, x)."""
        where, group = self._where(row), self._group(row)
        order = bands.optical_order(group, where, layout.sizes(group, where)["band"])
        return np.asarray(bands.numbers(group, slice(0, 1), date, order)[0])

    def close(self) -> None:
        """Release the file."""
        self._held = None
        self._file.close()

    def _describe(self, row: int) -> None:
        if any(found.row == row for found in self._samples.values()):
            return
        where, group = self._where(row), self._group(row)
        name = PurePosixPath(self._members[row].name).name.partition(".")[0]
        for found, described in described_samples(
            group, layout.sizes(group, where), where, name
        ).items():
            self._samples[found] = replace(described, row=row)

    def _where(self, row: int) -> str:
        return f"{self._location}, member {self._members[row].name}"

    def _group(self, row: int) -> zarr.Group:
        if self._held is None or self._held[0] != row:
            member = self._members[row]
            self._file.seek(member.offset_data)
            self._held = row, group_of(self._file.read(member.size))
        return self._held[1]
