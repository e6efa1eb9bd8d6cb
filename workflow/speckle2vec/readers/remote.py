"""Files behind a URL: listed, opened and read by ranges, and what goes wrong on the way."""

import io
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

BLOCK_BYTES = 2**16
RASTER_BLOCK_BYTES = 2**20
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
    """A file behind a URL, read by ranges.

    What is small (headers, directories) comes in blocks, the last 32 of which are kept; what is
    larger than a block comes in one request of just its bytes, and is not kept.
    """

    def __init__(self, location: str, block_bytes: int) -> None:
        self._location, self._block_bytes = location, block_bytes
        self._system, self._path = fsspec.core.url_to_fs(location)
        self._file = persistently(location, self._open)
        self._size: int | None = getattr(self._file, "size", None)

    def _open(self) -> Any:  # noqa: ANN401
        return self._system.open(
            self._path, "rb", block_size=self._block_bytes, cache_type="blockcache"
        )

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, all where no size is given.

        Raises:
            UserError: The server broke off time and again, or refuses.
        """
        with trouble_told(self._location):
            return persistently(self._location, lambda: self._read(size))

    def _read(self, size: int | None) -> bytes:
        if self._size is None:
            return bytes(self._file.read(-1 if size is None else size))
        start = self._file.tell()
        left = max(0, self._size - start)
        wanted = left if size is None or size < 0 else min(size, left)
        if wanted <= self._block_bytes:
            return bytes(self._file.read(wanted))
        content = bytes(self._system.cat_file(self._path, start=start, end=start + wanted))
        self._file.seek(start + len(content))
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a position."""
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """The position."""
        return int(self._file.tell())

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Forget what was read."""
        self._file.close()
        super().close()


def open_remote(location: str, block_bytes: int = BLOCK_BYTES) -> BinaryIO:
    """Open a URL for reading by ranges.

    Args:
        location: The URL.
        block_bytes: How much is asked for, and kept, where less is read.

    Raises:
        UserError: There is no such file or bucket, keys are missing or wrong, the server
            does not answer, or its kind of URL cannot be read here.
    """
    with trouble_told(location):
        return cast(BinaryIO, RemoteFile(location, block_bytes))


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
    if isinstance(error, FileNotFoundError) or getattr(error, "status", None) in MISSING:
        if _bucket_is_missing(error):
            return (
                f"there is no bucket {urlsplit(location).netloc!r}; correct the URL, or set "
                "AWS_ENDPOINT_URL where the store is not Amazon's."
            )
        return "there is no such file."
    if type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"):
        return f"cannot be read without keys ({_text(error)}); {KEYS}."
    if isinstance(error, PermissionError) or getattr(error, "status", None) in REFUSED:
        mend = f"; {KEYS}" if urlsplit(location).scheme in PATIENT else ""
        return f"the server refuses to show it ({_text(error)}){mend}."
    if isinstance(error, ImportError | ValueError):
        return f"cannot be read here ({_text(error)})."
    return (
        f"cannot be read ({_text(error)}); check the URL and the connection, and run the same "
        "command again."
    )


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
