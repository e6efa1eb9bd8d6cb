"""Earth Engine's REST API over plain HTTP: how patiently it is asked, what refusals mean.

The shapes of requests and answers follow Google's reference of version 1 of the API
(developers.google.com/earth-engine/reference/rest/v1) and are tested against a server on
loopback that was given them. **None of this was ever tested against the live service.**
"""

import logging
import re
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from speckle2vec.corpus.earth_engine import credentials
from speckle2vec.corpus.earth_engine.credentials import GET_TOKEN, PROJECT, Bearer, project
from speckle2vec.corpus.troubles import (
    FORBIDDEN,
    GONE,
    ExhaustedError,
    ForbiddenError,
    TemporaryError,
    UnusableError,
    redacted,
)
from speckle2vec.errors import UserError
from speckle2vec.settings.archive import Provider

VERSION = "v1"
AT_ONCE = 40
"""Requests that Earth Engine answers one project at the same time."""
CONNECT_S, ANSWER_S = 20.0, 300.0
_FOR_A_WHILE = (408, 429, 500, 502, 503, 504)
_SERVER_ERROR = 500
_NOT_THERE = (400, *GONE)
_MISSING = re.compile(r"asset .*(not found|not exist)", re.IGNORECASE)
_LONGEST = 200
_SLOTS = threading.BoundedSemaphore(AT_ONCE)
_HERE = ("127.0.0.1", "::1", "localhost")


class EarthEngine:
    """The service at one address, asked by many threads at once."""

    def __init__(self, url: str, attempts: int, pause_s: float, connections: int) -> None:
        """Nothing is asked yet.

        Args:
            url: Address of the service.
            attempts: Tries of a request that is answered by 429 or 5xx.
            pause_s: Before the second try; each further one waits twice as long.
            connections: Kept open.

        Raises:
            UserError: The address would carry the token in the clear.
        """
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _HERE:
            raise UserError(f"{parts.hostname or url}: is not asked without https, which hides "
                            "your token on its way; correct `provider.url`.")  # fmt: skip
        self.url, self._host = url.rstrip("/"), parts.hostname
        self._attempts, self._session = attempts, requests.Session()
        # Else every try is a warning; the last one is told.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
        retries = Retry(
            total=attempts - 1, backoff_factor=pause_s, backoff_jitter=pause_s / 2,
            status_forcelist=_FOR_A_WHILE, allowed_methods=None, raise_on_status=False,
            retry_after_max=120,
        )  # fmt: skip
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retries, pool_maxsize=connections))

    def get(self, path: str, parameters: Mapping[str, str | int]) -> dict[str, Any]:
        """An answer as JSON.

        Raises:
            UserError: Nobody is named, the service refuses, or the request is wrong.
            UnusableError: There is nothing at this path.
            TemporaryError: It cannot be had now.
        """
        answer = self._ask("GET", path, params=parameters)
        try:
            told = answer.json()
        except requests.JSONDecodeError:
            told = None
        if not isinstance(told, dict):
            raise TemporaryError(f"{self._host}: does not answer with JSON")
        return told

    def post(self, path: str, body: Mapping[str, Any]) -> bytes:
        """The bytes that a request in JSON is answered with.

        Raises:
            As `get`.
        """
        return self._ask("POST", path, json=body).content

    def _ask(self, method: str, path: str, **content: Any) -> requests.Response:  # noqa: ANN401
        token, address = credentials.token(), f"{self.url}/{VERSION}/{path}"
        try:
            with _SLOTS:
                answer = self._session.request(
                    method, address, headers={"x-goog-user-project": project()},
                    auth=Bearer(token), allow_redirects=False, timeout=(CONNECT_S, ANSWER_S),
                    **content,
                )  # fmt: skip
        except (requests.ConnectionError, requests.Timeout) as error:
            raise ExhaustedError(
                f"{self._host}: cannot be reached ({_without(token, str(error))})"
            ) from None
        except requests.RequestException as error:
            raise TemporaryError(f"{self._host}: {_without(token, str(error))}") from None
        if answer.status_code != requests.codes.ok:
            raise self._told(answer.status_code, _without(token, _message(answer)))
        return answer

    def _told(self, status: int, message: str) -> Exception:
        if status in FORBIDDEN:
            return _refused(f"{self._host}", status, message)
        if status in _NOT_THERE and _MISSING.search(message):
            return UnusableError(f"{self._host}: it is not there (HTTP {status}: {message})")
        if status in _FOR_A_WHILE or status >= _SERVER_ERROR:
            return ExhaustedError(
                f"{self._host}: HTTP {status} after {self._attempts} tries ({message})"
            )
        return UserError(
            f"{self._host}: does not understand the request (HTTP {status}: {message}); check the "
            f"project in {PROJECT}, and `url`, `collection` and `bands` of the provider."
        )


def service(url: str, provider: Provider) -> EarthEngine:
    """The service at an address; the same one for all threads that ask alike."""
    return _service(url, provider.attempts, provider.pause_s, provider.connections)


_service = cache(EarthEngine)


def _refused(host: str, status: int, message: str) -> ForbiddenError:
    return ForbiddenError(
        f"{host}: refuses (HTTP {status}: {message}). A token lasts an hour: {GET_TOKEN} of the "
        f"environment again; and see that the project in {PROJECT} is registered for Earth "
        "Engine, has its API enabled, and lets you use it. What was done is kept; the same "
        "command goes on where it was."
    )


def _message(answer: requests.Response) -> str:
    """What the service says went wrong."""
    try:
        text = str(answer.json()["error"]["message"])
    except (requests.JSONDecodeError, KeyError, TypeError):
        text = answer.text[:_LONGEST]
    return text


def _without(token: str, text: str) -> str:
    return redacted(text.replace(token, "..."))[:_LONGEST]
