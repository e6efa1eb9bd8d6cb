"""Sentinel-2 L2A of both releases of SSL4EO-S12 v1.1, beside the shards of Sentinel-1."""

import numbers
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import zarr
from odc.geo.geobox import GeoBox

from speckle2vec.readers import layout
from speckle2vec.readers.archives import (
    damage_told,
    dimensions,
    group_of,
    open_binary,
    open_group,
)  # fmt: skip
from speckle2vec.readers.base import OpticalImage, PairError, Sample, Window
from speckle2vec.readers.reflectance import Said, conversion, linear, to_reflectance
from speckle2vec.readers.webdataset import members
from speckle2vec.settings.corpora import SimulatedCorpus, Ssl4eoCorpus
from speckle2vec.settings.root import Settings

SCALE = 10_000.0
Numbers = npt.NDArray[Any]


def open_files(
    settings: Settings,  # noqa: ARG001
    corpus: Ssl4eoCorpus | SimulatedCorpus,
    files: tuple[str, ...],
) -> "OpticalSamples":
    """Open the Sentinel-2 file of a shard of either published release.

    Raises:
        UserError: The file is missing, damaged, or of another layout.
    """
    (location,) = files
    source = _TarSource if location.endswith(".tar") else _ZarrSource
    return OpticalSamples(location, source(location), corpus.optical_offset)


@dataclass(frozen=True)
class _Described:
    """What is known of one sample before its pixels are read."""

    row: int
    dates: tuple[np.datetime64, ...]
    grid: GeoBox | None
    names: tuple[str, ...]
    """Of the products the images are from; empty where not recorded."""
    said: Said
    nodata: float | None


class _Source(Protocol):
    """A file of many samples."""

    def find(self, sample_id: str) -> _Described | None:
        """What is known of a sample."""
        ...

    def read(self, row: int, date: int) -> Numbers:
        """Numbers of one image as stored, (band, y, x)."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class OpticalSamples:
    """The samples of one file, found by the id they share with Sentinel-1."""

    def __init__(self, location: str, source: _Source, declared: int | None) -> None:
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

    def _described(self, sample: Sample) -> _Described:
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


class _ZarrSource:
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
        self._order = layout.optical_order(self._group, location, length["band"])
        array = self._group["bands"]
        assert isinstance(array, zarr.Array)
        chunks = dict(zip(dimensions(array, layout.PIXELS), array.chunks, strict=True))
        self._together = int(chunks.get("sample", 1))
        self._samples = _described(self._group, length, location)

    def find(self, sample_id: str) -> _Described | None:
        """What is known of a sample."""
        return self._samples.get(sample_id)

    def read(self, row: int, date: int) -> Numbers:
        """Numbers of one image as stored, (band, y, x)."""
        start = row - row % self._together
        held = self._held.get(date)
        if held is None or held[0] != start:
            self._held.pop(date, None)
            part = slice(start, start + self._together)
            held = start, layout.numbers(self._group, part, date, self._order)
            self._held[date] = held
        return np.asarray(held[1][row - start])

    def close(self) -> None:
        """Release the file."""
        self._held = {}
        self._file.close()


class _TarSource:
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
        self._samples: dict[str, _Described] = {}

    def find(self, sample_id: str) -> _Described | None:
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
        order = layout.optical_order(group, where, layout.sizes(group, where)["band"])
        return np.asarray(layout.numbers(group, slice(0, 1), date, order)[0])

    def close(self) -> None:
        """Release the file."""
        self._held = None
        self._file.close()

    def _describe(self, row: int) -> None:
        if any(found.row == row for found in self._samples.values()):
            return
        where, group = self._where(row), self._group(row)
        name = PurePosixPath(self._members[row].name).name.partition(".")[0]
        for found, described in _described(group, layout.sizes(group, where), where, name).items():
            self._samples[found] = replace(described, row=row)

    def _where(self, row: int) -> str:
        return f"{self._location}, member {self._members[row].name}"

    def _group(self, row: int) -> zarr.Group:
        if self._held is None or self._held[0] != row:
            member = self._members[row]
            self._file.seek(member.offset_data)
            self._held = row, group_of(self._file.read(member.size))
        return self._held[1]


def _described(
    group: zarr.Group, length: dict[str, int], where: str, otherwise: str = ""
) -> dict[str, _Described]:
    """What a group knows of its samples, by their ids."""
    ids = layout.sample_ids(group, where, otherwise)
    dates = layout.dates(group, length, where)
    grids = layout.grids(group, length, where)
    names = layout.file_ids(group, length, where)
    said, nodata = _said(group)
    return {
        name: _Described(
            row,
            tuple(dates[row]),
            grids[row],
            () if names is None else tuple(map(str, names[row])),
            said,
            nodata,
        )
        for row, name in enumerate(ids)
    }


def _said(group: zarr.Group) -> tuple[Said, float | None]:
    """Offset and scale by the attributes of the file, and the number that is nodata.

    `offset` is what is added to the numbers; `scale_factor` and `add_offset` are those of
    the CF conventions, where xarray keeps `_FillValue` as the fill value of the array.
    """
    array = cast("zarr.Array[Any]", group["bands"])
    attributes = {**dict(group.attrs), **dict(array.attrs)}
    nodata = _number(attributes.get("_FillValue", array.metadata.fill_value))
    said = linear(
        _number(attributes.get("scale_factor")) or 1, _number(attributes.get("add_offset")) or 0
    )
    offset = _number(attributes.get("offset"))
    return (said if offset is None else said._replace(offset=offset)), nodata


def _number(value: object) -> float | None:
    """A number of any kind that JSON or NumPy has; none for anything else."""
    return float(value) if isinstance(value, numbers.Real) else None
