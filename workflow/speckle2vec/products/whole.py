"""Products that are whole or absent."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from speckle2vec.errors import UserError

LEAST_FREE = 2**16
"""Bytes below which a disk counts as full."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file beside its place and rename it once it is complete.

    Yields:
        The path to write to. If the body raises, nothing is left behind and what
        stood at `path` before is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _full_disk_told(path):
            yield beside
            with beside.open("rb") as written:
                os.fsync(written.fileno())
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _full_disk_told(path: Path) -> Iterator[None]:
    """Raise what the system would say of a full disk: some libraries say it in their own ways."""
    try:
        yield
    except (OSError, UserError):
        raise
    except Exception as error:
        if shutil.disk_usage(path.parent).free < LEAST_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path`, removed at the end, for a product that is built in pieces."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    try:
        with _full_disk_told(path):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
