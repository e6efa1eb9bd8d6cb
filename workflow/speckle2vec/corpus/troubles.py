"""What can come of asking an archive for an image: for good, for now, or a mistake to mend."""

import re

from speckle2vec.errors import UserError

_QUERY = re.compile(r"\?[^\s'\"]*=[^\s'\"]*")
_LOGIN = re.compile(r"(?<=://)[^/\s'\"]*@")
_STATUS = re.compile(r"HTTP(?: response code| error code)?:? ?(\d{3})")
_DENIED = re.compile(r"access ?denied|forbidden|InvalidAccessKeyId", re.IGNORECASE)
FORBIDDEN = (401, 403)
GONE = (404, 410)


class UnusableError(Exception):
    """An image can never be cut; the text says why."""


class TemporaryError(Exception):
    """An image could not be read now; another try may."""


class ExhaustedError(TemporaryError):
    """It could not be read, and the request has been tried often enough."""


class ForbiddenError(UserError):
    """The archive does not hand the image out to this user."""


def redacted(text: str) -> str:
    """A text without what may be secret in addresses: queries and logins."""
    return _LOGIN.sub("", _QUERY.sub("", " ".join(text.split())))


def told(error: Exception, image: str) -> Exception:
    """What an error of the raster library means for an image.

    Args:
        error: The error, whose text may hold a signed address.
        image: Name of the image and of its asset.
    """
    texts = [str(error), *([str(error.__cause__)] if error.__cause__ else [])]
    text = redacted("; ".join(texts))
    found = _STATUS.search(text)
    status = int(found[1]) if found else 403 if _DENIED.search(text) else 0
    if status in FORBIDDEN:
        return forbidden(image, status)
    if status in GONE:
        return UnusableError(f"{image} is not there any more (HTTP {status})")
    if status:
        return ExhaustedError(f"{image}: the server answers HTTP {status}")
    return TemporaryError(f"{image}: {text}")


def forbidden(image: str, status: int) -> ForbiddenError:
    """The sentence for an image that is not handed out."""
    return ForbiddenError(
        f"{image}: the server refuses to hand it out (HTTP {status}). Check the key in the "
        "environment (PC_SDK_SUBSCRIPTION_KEY for Planetary Computer), whether the archive is "
        "requester-pays (AWS_REQUEST_PAYER and AWS keys), whether an address was signed long ago "
        "and has expired, and this machine's clock. What was cut is kept; mend that and run the "
        "same command again."
    )
