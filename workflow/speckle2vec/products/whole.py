"""Products that are whole or absent."""

import errno
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from speckle2vec.errors import UserError

LEAST_FREE = 2**16
"""Bytes below which a disk counts as full."""
HOST = platform.node().replace(".", "-")
DAY = 86_400


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file beside its place and rename it once it is complete.

    Yields:
        The path to write to. If the body raises, nothing is left behind and what
        stood at `path` before is untouched.
    """
    beside = path.with_name(f"{_prepared(path)}part")
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
    folder = Path(tempfile.mkdtemp(prefix=_prepared(path), suffix=".part", dir=path.parent))
    try:
        with _full_disk_told(path):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepared(path: Path) -> str:
    """Make the folder of a product, free of what killed jobs left of it; begin of a name there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{escape(path.name)}.*.part"):
        host, process, *_ = left.name.removeprefix(f".{path.name}.").split(".")
        if _abandoned(host, process, left):
            _remove(left)
    return f".{path.name}.{HOST}.{os.getpid()}."


def _abandoned(host: str, process: str, left: Path) -> bool:
    """Whether nobody goes on with it: its process is gone or, of another machine, it is old."""
    if host == HOST and process.isdigit():
        return not _runs(int(process))
    return left.exists() and time.time() - left.stat().st_mtime > DAY


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        return True
    return True


def _remove(left: Path) -> None:
    if left.is_dir():
        shutil.rmtree(left, ignore_errors=True)
    else:
        left.unlink(missing_ok=True)
