"""Who asks Earth Engine.

It is told by the environment alone, and is written nowhere: `EARTHENGINE_PROJECT`, and a
token of Google's in `EARTHENGINE_TOKEN`, such as `gcloud auth print-access-token` prints.
Such a token lasts an hour. Where a run takes longer, `EARTHENGINE_TOKEN_FILE` names a file
that is read before every request, so that another program can renew it.
"""

import os
import re
from pathlib import Path

import requests
from requests.auth import AuthBase

from speckle2vec.errors import UserError

PROJECT, TOKEN, TOKEN_FILE = "EARTHENGINE_PROJECT", "EARTHENGINE_TOKEN", "EARTHENGINE_TOKEN_FILE"
GET_TOKEN = f"put what `gcloud auth print-access-token` prints into {TOKEN}"


class Bearer(AuthBase):
    """Shows a token; without it names and keys of `~/.netrc` would be sent instead."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the token."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def project() -> str:
    """The Google Cloud project that asks.

    Raises:
        UserError: The environment names none.
    """
    named = os.environ.get(PROJECT, "").strip()
    if not re.fullmatch(r"[A-Za-z0-9:._-]+", named):
        raise UserError(
            f"Earth Engine needs to know which project asks: put the id of your Google Cloud "
            f"project, registered for Earth Engine, into the environment as {PROJECT}."
        )
    return named


def token() -> str:
    """The token of the one who asks, read anew for every request.

    Raises:
        UserError: The environment names none, or a file that holds none.
    """
    found, path = os.environ.get(TOKEN, "").strip(), os.environ.get(TOKEN_FILE, "")
    if not found and path:
        try:
            found = Path(path).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise UserError(f"The file that {TOKEN_FILE} names cannot be read: {path}.") from None
    if not found:
        raise UserError(
            f"Earth Engine needs to know who asks: {GET_TOKEN} of the environment, or name a "
            f"file that holds it in {TOKEN_FILE}."
        )
    if not re.fullmatch(r"[\x21-\x7e]+", found):
        raise UserError(f"The token of Earth Engine is no single word: {GET_TOKEN}.")
    return found
