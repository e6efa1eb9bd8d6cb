"""What goes wrong with files behind a URL: tried again, then told in one sentence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential

from speckle2vec.errors import UserError
from speckle2vec.progress import LOGGER

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
    LOGGER.info("%s: broke off; asking again, %d of %d.", shown(location),
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
        raise UserError(f"{shown(location)}: {_sentence(location, _cause(error))}") from error


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
        if bucket_is_missing(error):
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
    told = (getattr(error, "response", None) or {}).get("ResponseMetadata", {})
    status: int | None = told.get("HTTPStatusCode", getattr(error, "status", None))
    return status


def bucket_is_missing(error: BaseException) -> bool:
    """Whether a store says that it has no such bucket."""
    return "bucket does not exist" in str(error)


def _text(error: BaseException) -> str:
    """What an error says, without the query of a URL, which may hold a signature."""
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{error.status} {error.message}".strip()
    return " ".join(str(error).split()).partition("?")[0] or type(error).__name__


def shown(location: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(location)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
