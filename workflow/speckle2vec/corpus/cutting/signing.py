"""Addresses signed just before they are read, for archives that ask for it.

Planetary Computer hands out tokens of about an hour for each of its containers. They come
from the address in `PC_SDK_SAS_URL`, with the key in `PC_SDK_SUBSCRIPTION_KEY` where there
is one; both are read from the environment only. A token is used until a minute before it
expires and is written nowhere.
"""

import threading
from collections.abc import Callable

from speckle2vec.corpus.providers import Collection
from speckle2vec.corpus.troubles import FORBIDDEN, TemporaryError, forbidden, redacted

Signer = Callable[[str], str]
_ONE_AT_A_TIME = threading.Lock()


def signer(collection: Collection) -> Signer:
    """What makes an address of a collection readable, for a while.

    The function returned raises `ForbiddenError` where no token is handed out, and `TemporaryError`
    where none can be had now.
    """
    return _sign if collection.signed else _unchanged


def forget_tokens() -> None:
    """Let the next address be signed with a new token: the old one was refused."""
    from planetary_computer import sas

    with _ONE_AT_A_TIME:
        sas.TOKEN_CACHE.clear()


def _unchanged(address: str) -> str:
    return address


def _sign(address: str) -> str:
    import requests
    from planetary_computer import sas

    try:
        with _ONE_AT_A_TIME:  # else every thread asks for a token of its own
            return str(sas.sign_url(address))
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        if status in FORBIDDEN:
            raise forbidden("The token that signs addresses", status) from None
        raise TemporaryError(redacted(f"no token that signs addresses: {error}")) from None
    except (requests.RequestException, ValueError) as error:
        raise TemporaryError(redacted(f"no token that signs addresses: {error}")) from None
