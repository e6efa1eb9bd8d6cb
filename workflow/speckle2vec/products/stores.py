"""Zarr stores as one zip file with fixed timestamps: equal content is equal bytes."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import zarr
from zarr.storage import LocalStore, ZipStore

from speckle2vec.products.refused import refused
from speckle2vec.products.whole import scratch_folder, whole_file

EARLIEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@contextmanager
def new_store(path: Path, zarr_format: Literal[2, 3] = 3) -> Iterator[zarr.Group]:
    """Build a Zarr group on disk, then pack it whole into one zip.

    Args:
        path: Where the zip goes.
        zarr_format: 3 for our own products, 2 for the layout of SSL4EO-S12 v1.1.

    Yields:
        The root group, to be filled chunk by chunk: memory stays bounded by the chunk.
    """
    with scratch_folder(path) as folder:
        yield zarr.open_group(LocalStore(folder), mode="w", zarr_format=zarr_format)
        if zarr_format == 2:  # format 3 does not specify consolidated metadata
            zarr.consolidate_metadata(LocalStore(folder), zarr_format=2)
        with whole_file(path) as target:
            _pack(folder, target)


@contextmanager
def open_store(path: Path) -> Iterator[zarr.Group]:
    """Open a zipped Zarr group for reading.

    Raises:
        UserError: The file is missing, or no complete zip of a Zarr group.
    """
    with refused(path):
        _check_listing(path)
        store = ZipStore(path, mode="r")
        group = zarr.open_group(store, mode="r")
    try:
        yield group
    finally:
        store.close()


def stored(array: zarr.Array[Any], selection: Any) -> npt.NDArray[Any]:  # noqa: ANN401
    """Part of an array of a store.

    Raises:
        UserError: The file is damaged there.
    """
    with refused(_file_of(array)):
        return np.asarray(array[selection])


def stored_samples(array: zarr.Array[Any], positions: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Some samples of an array of a store; errors as of `stored`."""
    with refused(_file_of(array)):
        return np.asarray(array.oindex[positions])


def _file_of(array: zarr.Array[Any]) -> Path:
    return Path(getattr(array.store, "path", str(array.store)))


def _pack(folder: Path, target: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for file in files:
            name = file.relative_to(folder).as_posix()
            entry = zipfile.ZipInfo(name, date_time=EARLIEST_ZIP_DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())
        archive.comment = _listing(archive)


def _listing(archive: zipfile.ZipFile) -> bytes:
    """Digest of what a zip lists: a chunk whose name is damaged would else be read as empty."""
    entries = [(one.filename, one.file_size, one.CRC) for one in archive.infolist()]
    return hashlib.sha256(repr(entries).encode()).hexdigest().encode()


def _check_listing(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        if archive.comment and archive.comment != _listing(archive):
            raise zipfile.BadZipFile("its list of members has changed since it was written")
