"""Bytes of the raw input, in files and as arrays in memory."""

import io
import math
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zarr

from speckle2vec.choices import OPTICAL_FEATURES
from speckle2vec.products.keys import ShardKey
from speckle2vec.progress import track
from speckle2vec.readers.archives import damage_told, group_of, open_binary, open_group
from speckle2vec.readers.listing import list_shards
from speckle2vec.readers.optical_listing import list_optical
from speckle2vec.readers.rasters import open_raster
from speckle2vec.settings.root import Settings


class RawBytes(NamedTuple):
    """Of all raw files of a run; a sample's share is that over the samples."""

    disk: int
    """Bytes of the files."""
    memory: int
    """Bytes of the arrays in the dtype they are stored in."""
    layout: str
    """Dtypes and shapes of a sample, such as `float16 4x2x264x264`."""


class Stored(NamedTuple):
    """One array of one file."""

    memory: int
    layout: str


def raw_bytes(settings: Settings, keys: Sequence[ShardKey], features: str, made: Path) -> RawBytes:
    """Measure the raw files that a feature set is made from; only their headers are read.

    Args:
        settings: All settings; `data` and `corpora` count.
        keys: All shards.
        features: The feature set; Sentinel-2 counts where that needs it.
        made: Folder of simulated corpora.

    Raises:
        UserError: A file is missing or damaged.
    """
    disk = memory = 0
    layouts: dict[str, None] = {}
    for location in track(files := _files(settings, keys, features, made), len(files), "Weighing"):
        disk += _size(location)
        for one in _stored(location):
            memory += one.memory
            layouts[one.layout] = None
    told = sorted(layouts)
    return RawBytes(disk, memory, " + ".join(told[:3]) + ", ..." * (len(told) > 3))


def _files(
    settings: Settings, keys: Sequence[ShardKey], features: str, made: Path
) -> tuple[str, ...]:
    listers = (list_shards, list_optical) if features in OPTICAL_FEATURES else (list_shards,)
    found: dict[str, None] = {}
    for corpus in dict.fromkeys(key.corpus for key in keys):
        wanted = {key.shard for key in keys if key.corpus == corpus}
        for lister in listers:
            for shard, files in lister(settings, corpus, made).items():
                found |= dict.fromkeys(files if shard in wanted else ())
    return tuple(found)


def _size(location: str) -> int:
    with open_binary(location) as file:
        return file.seek(0, io.SEEK_END)


def _stored(location: str) -> Iterator[Stored]:
    with damage_told(location):
        if location.endswith(".tar"):
            yield from _tarred(location)
        elif location.endswith(".zarr.zip"):
            with open_binary(location) as file:
                yield _bands(open_group(file), samples=True)
        else:
            yield _raster(location)


def _tarred(location: str) -> Iterator[Stored]:
    """One group a place; all are laid out alike, so the first stands for the others."""
    with open_binary(location) as file, tarfile.open(fileobj=file) as tar:
        members = [one for one in tar.getmembers() if one.name.endswith(".zip")]
        content = tar.extractfile(members[0])
        assert content is not None
        one = _bands(group_of(content.read()), samples=False)
    yield Stored(one.memory * len(members), one.layout)


def _bands(group: zarr.Group, samples: bool) -> Stored:
    bands: Any = group["bands"]
    shape = bands.shape[1:] if samples else bands.shape
    return Stored(_memory(bands.dtype, bands.shape), _layout(bands.dtype, shape))


def _raster(location: str) -> Stored:
    with open_raster(location) as raster:
        dtype, shape = np.dtype(raster.dtypes[0]), (raster.count, raster.height, raster.width)
    return Stored(_memory(dtype, shape), _layout(dtype, shape))


def _memory(dtype: Any, shape: Sequence[int]) -> int:  # noqa: ANN401
    return int(np.dtype(dtype).itemsize * math.prod(shape))


def _layout(dtype: Any, shape: Sequence[int]) -> str:  # noqa: ANN401
    return f"{np.dtype(dtype)} {'x'.join(map(str, shape))}"
