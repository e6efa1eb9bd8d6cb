"""Bytes of the raw input, in files and as arrays in memory."""

import io
import math
import tarfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zarr

from speckle2vec.choices import OPTICAL_FEATURES
from speckle2vec.evaluate.codes.raw_pairs import paired_rasters
from speckle2vec.products.keys import ShardKey
from speckle2vec.progress import track
from speckle2vec.readers.archives import (
    damage_told,
    dimensions,
    group_of,
    open_binary,
    open_group,
)
from speckle2vec.readers.layout import PIXELS
from speckle2vec.readers.listing import list_shards
from speckle2vec.readers.optical_listing import list_optical
from speckle2vec.readers.rasters import open_raster
from speckle2vec.settings.root import Settings


class RawBytes(NamedTuple):
    """Of all raw files of a run; a sample's share is that over the samples."""

    disk: int
    """Bytes of the files, or of their share that is encoded."""
    memory: int
    """Bytes of the arrays in the dtype they are stored in, as far as they are encoded."""
    layout: str
    """Dtypes and shapes of what is encoded of a sample, such as `float16 4x2x264x264`."""


class Stored(NamedTuple):
    """One array of one file."""

    memory: int
    layout: str
    dates: int
    """Dates of each sample."""


def raw_bytes(settings: Settings, keys: Sequence[ShardKey], features: str, made: Path) -> RawBytes:
    """Measure what a feature set encodes of the raw files; only their headers are read.

    Features of a pair encode one date of each satellite: so much counts of the arrays, and the
    same share of the files.

    Args:
        settings: All settings; `data` and `corpora` count.
        keys: All shards.
        features: The feature set; Sentinel-2 counts where that needs it.
        made: Folder of simulated corpora.

    Raises:
        UserError: A file is missing or damaged.
    """
    paired = features in OPTICAL_FEATURES
    shares = paired_rasters(settings, keys, made) if paired else {}
    disk = memory = Fraction()
    layouts: dict[str, None] = {}
    for location in track(files := _files(settings, keys, features, made), len(files), "Weighing"):
        one = _stored(location, paired)
        share = shares.get(location, Fraction(1, one.dates if paired else 1))
        disk, memory = disk + _size(location) * share, memory + one.memory * share
        layouts[one.layout] = None
    told = sorted(layouts)
    return RawBytes(round(disk), round(memory), " + ".join(told[:3]) + ", ..." * (len(told) > 3))


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


def _stored(location: str, paired: bool) -> Stored:
    with damage_told(location):
        if location.endswith(".tar"):
            return _tarred(location, paired)
        if location.endswith(".zarr.zip"):
            with open_binary(location) as file:
                return _bands(open_group(file), paired)
        return _raster(location)


def _tarred(location: str, paired: bool) -> Stored:
    """One group a place; all are laid out alike, so the first stands for the others."""
    with open_binary(location) as file, tarfile.open(fileobj=file) as tar:
        members = [one for one in tar.getmembers() if one.name.endswith(".zip")]
        content = tar.extractfile(members[0])
        assert content is not None
        one = _bands(group_of(content.read()), paired)
    return one._replace(memory=one.memory * len(members))


def _bands(group: zarr.Group, paired: bool) -> Stored:
    """All samples of a group; the layout tells one, and of a pair one date."""
    bands: Any = group["bands"]
    lengths = dict(zip(dimensions(bands, PIXELS), bands.shape, strict=True))
    several = ("sample", "time") if paired else ("sample",)
    shape = [length for name, length in lengths.items() if name not in several]
    memory = _memory(bands.dtype, bands.shape)
    return Stored(memory, _layout(bands.dtype, shape), lengths.get("time", 1))


def _raster(location: str) -> Stored:
    with open_raster(location) as raster:
        dtype, shape = np.dtype(raster.dtypes[0]), (raster.count, raster.height, raster.width)
    return Stored(_memory(dtype, shape), _layout(dtype, shape), 1)


def _memory(dtype: Any, shape: Sequence[int]) -> int:  # noqa: ANN401
    return int(np.dtype(dtype).itemsize * math.prod(shape))


def _layout(dtype: Any, shape: Sequence[int]) -> str:  # noqa: ANN401
    return f"{np.dtype(dtype)} {'x'.join(map(str, shape))}"
