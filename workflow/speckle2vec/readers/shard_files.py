"""The raw files of one shard, as the plan tells its jobs: a large corpus is not listed in each."""

import json
from pathlib import Path
from typing import NamedTuple

from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.locations import is_url

LOOKED_FOR = "-"
"""Stands for a file where there is none: the corpus is listed."""


class ShardFiles(NamedTuple):
    """Local paths or URLs of the raw files of one shard."""

    radar: tuple[str, ...]
    """Of Sentinel-1."""
    optical: tuple[str, ...] | None = None
    """Of Sentinel-2; none where nobody has looked for them."""

    def absolute(self) -> "ShardFiles":
        """The same for a process that works elsewhere on the same disk."""
        return ShardFiles(
            _absolute(self.radar), None if self.optical is None else _absolute(self.optical)
        )


def shard_files_text(key: ShardKey, files: ShardFiles) -> str:
    """The files of a shard as JSON."""
    return json.dumps({"shard": str(key), **files._asdict()}, indent=1)


def read_shard_files(path: Path, key: ShardKey) -> ShardFiles:
    """Read what `shard_files_text` made.

    Args:
        path: The file.
        key: The shard that is asked for.

    Raises:
        UserError: The file is missing, damaged or another shard's.
    """
    try:
        told = json.loads(path.read_text())
        shard, optical = told["shard"], told["optical"]
        files = ShardFiles(tuple(told["radar"]), None if optical is None else tuple(optical))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path}: is no list of raw files ({error}); leave `--raw-files` out, and they are "
            "looked for."
        ) from error
    if shard != str(key):
        raise UserError(
            f"{path}: lists the raw files of {shard}, not of {key}; name the right one."
        )
    return files


def _absolute(files: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(file if is_url(file) else str(Path(file).absolute()) for file in files)
