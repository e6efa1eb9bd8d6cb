"""Zarr groups inside zips, local, remote or in memory, and the errors of broken files."""

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import xarray as xr
import zarr
from fsspec.implementations.asyn_wrapper import AsyncFileSystemWrapper
from fsspec.implementations.zip import ZipFileSystem
from zarr.abc.buffer import Buffer as AnyBuffer
from zarr.buffer.cpu import Buffer
from zarr.storage import FsspecStore, MemoryStore

from speckle2vec.errors import UserError
from speckle2vec.readers.locations import is_url

DAMAGES = (
    OSError, EOFError, LookupError, ValueError, TypeError, RuntimeError,
    zipfile.BadZipFile, tarfile.TarError, zlib.error,
)  # fmt: skip


@contextmanager
def damage_told(where: str) -> Iterator[None]:
    """Turn what a broken file makes libraries raise into one sentence."""
    try:
        yield
    except DAMAGES as error:
        cause = " ".join(str(error).split()) or type(error).__name__
        raise UserError(
            f"{where}: cannot be read ({cause}); the file is incomplete or damaged, download "
            "it again."
        ) from error


def open_binary(location: str) -> BinaryIO:
    """Open a local file or a URL for reading by ranges.

    Raises:
        UserError: The file is missing, or its kind of URL cannot be read here.
    """
    if is_url(location):
        from speckle2vec.readers.remote import open_remote

        return open_remote(location)
    try:
        return Path(location).open("rb")
    except FileNotFoundError as error:
        raise UserError(f"{location}: there is no such file.") from error
    except OSError as error:
        raise UserError(f"{location}: cannot be opened ({error}).") from error


def group_of(content: bytes) -> zarr.Group:
    """The Zarr group in a small zip that is in memory: no thread is started to read it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files: dict[str, AnyBuffer] = {
            name: Buffer.from_bytes(archive.read(name)) for name in archive.namelist()
        }
    return zarr.open_group(MemoryStore(files, read_only=True), mode="r")


def open_group(file: BinaryIO) -> zarr.Group:
    """The Zarr group (format 2 or 3) in a zip, read by ranges and never unpacked."""
    archive = ZipFileSystem(fo=file)
    # Listed now: of several threads that look first, all but one may see a list without files,
    # and what is not listed is read as empty.
    archive.find("")
    store = FsspecStore(AsyncFileSystemWrapper(archive, asynchronous=True), read_only=True, path="")
    return zarr.open_group(store, mode="r")


def dimensions(array: "zarr.Array[Any]", otherwise: Sequence[str]) -> tuple[str, ...]:
    """Names of the dimensions of an array as xarray writes them, or the usual ones."""
    named = array.attrs.get("_ARRAY_DIMENSIONS") or getattr(array.metadata, "dimension_names", None)
    names = tuple(str(name) for name in cast(Sequence[str], named or ()))
    return names if len(names) == array.ndim else tuple(otherwise[len(otherwise) - array.ndim :])


def read_variable(
    group: zarr.Group,
    name: str,
    otherwise: Sequence[str],
    selection: slice | None = None,
    filled: bool = False,
) -> xr.Variable:
    """One array of a group, decoded by the CF conventions as xarray does.

    Args:
        group: The open group.
        name: The array.
        otherwise: Its dimensions, last ones counting, where the file does not name them.
        selection: Which part of the dimension `sample` is read; none reads all.
        filled: Whether the fill value of whole numbers in format 2 stands for nothing, as for
            xarray; of positions and codes it is a number like others.
    """
    array = cast("zarr.Array[Any]", group[name])
    names = dimensions(array, otherwise)
    part = tuple(selection if dim == "sample" and selection else slice(None) for dim in names)
    attributes = {key: value for key, value in array.attrs.items() if key != "_ARRAY_DIMENSIONS"}
    values = np.asarray(array[part])
    counts = values.dtype.kind == "f" or (filled and array.metadata.zarr_format == 2)
    if counts and array.fill_value is not None:
        attributes.setdefault("_FillValue", array.fill_value)
    return xr.conventions.decode_cf_variable(name, xr.Variable(names, values, attributes))
