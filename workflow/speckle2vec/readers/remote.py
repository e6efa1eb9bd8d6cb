"""Files behind a URL: listed, opened and read by ranges, and what goes wrong on the way."""

import io
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import fsspec
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential

from speckle2vec.errors import UserError
from speckle2vec.progress import LOGGER

BLOCK_BYTES, TAR_BLOCK_BYTES = 2**20, 2**16
"""A tar is gone through from header to header: small blocks leave out what lies between."""
BLOCKS_HELD = 16
ATTEMPTS = 4
FIRST_WAIT_S = 0.5
PATIENT = ("s3", "s3a")
"""Kinds of URL whose file systems try again by themselves, at most six times."""
REFUSED, MISSING, BUSY = (401, 403), (404, 410), (408, 429, 500, 502, 503, 504)
KEYS = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE) to what may read there, "
    "AWS_ENDPOINT_URL where the store is not Amazon's, or FSSPEC_S3_ANON=true where all may read"
)
Result = TypeVar("Result")


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
                f"{_shown(self._location)}: the server sent {len(content)} bytes where "
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
        if _bucket_is_missing(error):
            raise


def persistently(location: str, action: Callable[[], Result]) -> Result:
    """What an action returns; it is tried again where a server breaks off or is busy."""
    if urlsplit(location).scheme in PATIENT:
        return action()
    tries = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=FIRST_WAIT_S),
        retry=retry_if_exception(_passes),
        before_sleep=lambda state: _told_of(location, state),
        reraise=True,
    )
    return tries(action)


def _told_of(location: str, state: RetryCallState) -> None:
    LOGGER.info("%s: broke off; asking again, %d of %d.", _shown(location),
                state.attempt_number, ATTEMPTS - 1)  # fmt: skip


def _passes(error: BaseException) -> bool:
    """Whether trying again may help."""
    error = _cause(error)
    if isinstance(error, aiohttp.ClientResponseError):
        return error.status in BUSY
    return isinstance(error, aiohttp.ClientError | TimeoutError | ConnectionError)


@contextmanager
def trouble_told(location: str) -> Iterator[None]:
    """Turn what reading a URL raises into one sentence, in which no key stands."""
    try:
        yield
    except _kinds() as error:
        raise UserError(f"{_shown(location)}: {_sentence(location, _cause(error))}") from error


def _kinds() -> tuple[type[Exception], ...]:
    kinds: list[type[Exception]] = [OSError, ImportError, ValueError, aiohttp.ClientError]
    with suppress(ImportError):
        from botocore.exceptions import (  # type: ignore[import-untyped]
            BotoCoreError,
            ClientError,
        )

        kinds += [BotoCoreError, ClientError]
    return tuple(kinds)


def _cause(error: BaseException) -> BaseException:
    """What is behind an error: reading by HTTP calls all of them a missing file."""
    behind = error.__cause__
    hidden = isinstance(error, FileNotFoundError) and isinstance(behind, aiohttp.ClientError)
    return behind if hidden and behind is not None else error


def _sentence(location: str, error: BaseException) -> str:
    if isinstance(error, FileNotFoundError) or _status(error) in MISSING:
        if _bucket_is_missing(error):
            return (
                f"there is no bucket {urlsplit(location).netloc!r}; correct the URL, or set "
                "AWS_ENDPOINT_URL where the store is not Amazon's."
            )
        return "there is no such file."
    if type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"):
        return f"cannot be read without keys ({_text(error)}); {KEYS}."
    if isinstance(error, PermissionError) or _status(error) in REFUSED:
        mend = f"; {KEYS}" if urlsplit(location).scheme in PATIENT else ""
        return f"the server refuses to show it ({_text(error)}){mend}."
    if isinstance(error, ImportError | ValueError):
        return f"cannot be read here ({_text(error)})."
    return (
        f"cannot be read ({_text(error)}); check the URL and the connection, and run the same "
        "command again."
    )


def _status(error: BaseException) -> int | None:
    """What a server answered: aiohttp and botocore tell it in their own ways."""
    told = getattr(error, "response", {}).get("ResponseMetadata", {})
    status: int | None = told.get("HTTPStatusCode", getattr(error, "status", None))
    return status


def _bucket_is_missing(error: BaseException) -> bool:
    return "bucket does not exist" in str(error)


def _text(error: BaseException) -> str:
    """What an error says, without the query of a URL, which may hold a signature."""
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{error.status} {error.message}".strip()
    return " ".join(str(error).split()).partition("?")[0] or type(error).__name__


def _shown(location: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(location)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
