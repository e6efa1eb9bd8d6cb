"""Files behind a URL: listed, opened and read by ranges."""

import io
from collections import OrderedDict
from typing import Any, BinaryIO, cast

import fsspec

from speckle2vec.errors import UserError
from speckle2vec.readers.remote_trouble import bucket_is_missing, persistently, shown, trouble_told

BLOCK_BYTES, TAR_BLOCK_BYTES = 2**20, 2**16
"""A tar is gone through from header to header: small blocks leave out what lies between."""
BLOCKS_HELD = 16


class RemoteFile(io.IOBase):
    """A file behind a URL, read in whole blocks: those that follow each other in one request.

    The first and the last block of a request are held for a while: what else is read often ends
    or begins in them.
    """

    def __init__(self, location: str) -> None:
        self._location = location
        self._block_bytes = TAR_BLOCK_BYTES if location.endswith(".tar") else BLOCK_BYTES
        self._system, self._path = fsspec.core.url_to_fs(location)
        self._size = int(persistently(location, lambda: self._system.info(self._path))["size"])
        self._position = 0
        self._held: OrderedDict[int, bytes] = OrderedDict()

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, all where no size is given.

        Raises:
            UserError: The server broke off time and again, or refuses.
        """
        start = min(self._position, self._size)
        everything = size is None or size < 0
        stop = self._size if everything else min(start + int(size or 0), self._size)
        content = self._between(start, stop) if stop > start else b""
        self._position += len(content)
        return content

    def _between(self, start: int, stop: int) -> bytes:
        first, last = start // self._block_bytes, (stop - 1) // self._block_bytes
        low, high = first, last
        while low <= last and low in self._held:
            low += 1
        while high > low and high in self._held:
            high -= 1
        before = [self._held[number] for number in range(first, low)]
        after = [self._held[number] for number in range(high + 1, last + 1)] if low <= high else []
        middle = [self._asked(low, high)] if low <= high else []
        skipped = first * self._block_bytes
        return b"".join([*before, *middle, *after])[start - skipped : stop - skipped]

    def _asked(self, low: int, high: int) -> bytes:
        """Blocks from one to another; the first and the last are held."""
        start, stop = low * self._block_bytes, min((high + 1) * self._block_bytes, self._size)
        with trouble_told(self._location):
            content = persistently(
                self._location,
                lambda: bytes(self._system.cat_file(self._path, start=start, end=stop)),
            )
        if len(content) != stop - start:
            raise UserError(
                f"{shown(self._location)}: the server sent {len(content)} bytes where "
                f"{stop - start} were asked for; it must answer requests for ranges, and the "
                "file must not change meanwhile."
            )
        self._held[low] = content[: self._block_bytes]
        self._held[high] = content[(high - low) * self._block_bytes :]
        while len(self._held) > BLOCKS_HELD:
            self._held.popitem(last=False)
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a position."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Forget what was read."""
        self._held.clear()
        super().close()


def open_remote(location: str) -> BinaryIO:
    """Open a URL for reading by ranges.

    Raises:
        UserError: There is no such file or bucket, keys are missing or wrong, the server
            does not answer, or its kind of URL cannot be read here.
    """
    with trouble_told(location):
        return cast(BinaryIO, RemoteFile(location))


def find_remote(root: str, pattern: str) -> list[str]:
    """Paths below a URL that match a glob, relative to it and sorted; none where nothing is.

    Raises:
        UserError: As for `open_remote`.
    """
    with trouble_told(root):
        system, path = fsspec.core.url_to_fs(root)
        path = path.rstrip("/")
        found = persistently(root, lambda: system.glob(f"{path}/{pattern}", detail=True))
        if not found:
            _see_why(system, path)
    files = (name for name, details in found.items() if details.get("type") != "directory")
    return sorted(name.removeprefix(f"{path}/") for name in files)


def _see_why(system: Any, path: str) -> None:  # noqa: ANN401
    """Raise what a glob that finds nothing is silent about: a bucket that is not there, a 403."""
    try:
        system.ls(path)
    except FileNotFoundError as error:
        if bucket_is_missing(error):
            raise
