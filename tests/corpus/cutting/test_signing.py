"""Addresses as Planetary Computer has them, signed just before they are read.

The real addresses end in `.blob.core.windows.net`; the raster library asks a proxy for
them, which is the server of the test. Tokens come from a server of their own.
"""

import logging
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from planetary_computer import sas
from planetary_computer.settings import Settings as Keys
from starlette.responses import JSONResponse, PlainTextResponse
from tests.corpus.archives import Archive, settings_of
from tests.corpus.loopback import CogServer, serving
from tests.corpus.scenes import passes, write_scenes

from speckle2vec.corpus.troubles import redacted
from speckle2vec.errors import UserError
from speckle2vec.products.ledger import read_ledger

BLOB = "http://sentinel1euwestrtc.blob.core.windows.net/container"
SECRET = "TOPSECRET"


class BlobStore(CogServer):
    """Hands files out for a token, and tokens for a subscription key."""

    def __init__(self, folder, life_s=3600.0):
        super().__init__(folder)
        self.life_s, self.tokens, self.keys, self.refuses = life_s, 0, [], False

    async def answer(self, scope, receive, send):
        if scope["path"].startswith("/token/"):
            response = self._token(dict(scope["headers"]))
            return await response(scope, receive, send)
        query = scope["query_string"].decode()
        if self.refuses or f"sig={SECRET}" not in query:
            return await PlainTextResponse("no", 403)(scope, receive, send)
        path = scope["path"].removeprefix("/container")
        return await super().answer({**scope, "path": path}, receive, send)

    def _token(self, headers):
        self.tokens += 1
        self.keys.append(headers.get(b"ocp-apim-subscription-key", b"").decode())
        expiry = datetime.now(UTC) + timedelta(seconds=self.life_s)
        # The raster library remembers addresses from test to test: no two are alike.
        signature = f"{SECRET}{uuid.uuid4().hex}"
        token = f"se={expiry:%Y-%m-%dT%H%%3A%M%%3A%SZ}&sp=rl&sig={signature}"
        return JSONResponse({"msft:expiry": expiry.isoformat(), "token": token})


@pytest.fixture
def store(tmp_path, monkeypatch):
    (tmp_path / "cogs").mkdir()
    with serving(BlobStore(tmp_path / "cogs")) as store:
        monkeypatch.setenv("PC_SDK_SAS_URL", f"{store.url}/token")
        monkeypatch.setenv("PC_SDK_SUBSCRIPTION_KEY", "my-key")
        monkeypatch.setenv("GDAL_HTTP_PROXY", store.url)
        monkeypatch.setenv("GDAL_PROXY_AUTH", "BASIC")
        sas.TOKEN_CACHE.clear()
        Keys.get.cache_clear()
        yield store
    sas.TOKEN_CACHE.clear()
    Keys.get.cache_clear()


@pytest.fixture
def archive(store, tmp_path):
    items = write_scenes(store.folder, BLOB, passes(1), (32632,), optical=False)
    provider = {"name": "planetary-computer", "url": "", "sentinel_1": None, "sentinel_2": None,
                "attempts": 2}  # fmt: skip
    return Archive(tmp_path / "a", settings_of(1, search={"optical": False}, provider=provider),
                   items)  # fmt: skip


def everything_written(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_images_are_read_with_one_token_and_it_is_written_nowhere(archive, store, caplog, capfd):
    with caplog.at_level(logging.DEBUG, logger="speckle2vec"):
        archive.cut()
    assert [entry.verdict for entry in read_ledger(archive.ledger)] == ["cut"] * 4
    assert store.tokens == 1
    assert store.keys == ["my-key"]
    assert any(SECRET in query for *_, query in store.requests)
    written = everything_written(archive.folder) + caplog.text.encode()
    written += "".join(capfd.readouterr()).encode()
    for secret in (SECRET, "sig=", "my-key"):
        assert secret.encode() not in written


def test_a_token_is_renewed_before_it_expires(archive, store):
    """A minute before: with half a minute left, each image asks anew."""
    store.life_s = 30
    archive.cut()
    assert store.tokens >= len(archive.places)


def test_a_token_that_was_revoked_is_renewed_once(archive, store):
    sas.TOKEN_CACHE[f"{store.url}/token/sentinel1euwestrtc/container"] = sas.SASToken(
        **{"msft:expiry": datetime.now(UTC) + timedelta(hours=1), "token": "sig=old"}
    )
    archive.cut()
    assert 1 <= store.tokens <= len(archive.places)


def test_a_refusal_tells_no_secret(archive, store, caplog, capfd):
    store.refuses = True
    with pytest.raises(UserError) as caught:
        archive.cut()
    assert "(HTTP 403)" in str(caught.value)
    text = str(caught.value) + caplog.text + "".join(capfd.readouterr())
    assert SECRET.encode() not in text.encode() + everything_written(archive.folder)


def test_a_failure_for_now_tells_no_secret(archive, store, caplog, capfd):
    """The raster library puts the whole address into what it says."""
    store.faults["*"] = [None] * 4 + [..., "flip"]
    with pytest.raises(UserError, match="failed for now"):
        archive.cut()
    text = caplog.text + "".join(capfd.readouterr())
    assert SECRET.encode() not in text.encode() + everything_written(archive.folder)


def test_no_token_for_a_wrong_key_is_told(archive, store):
    store._token = lambda headers: PlainTextResponse("no", 401)
    with pytest.raises(UserError, match="token that signs addresses: the server refuses"):
        archive.cut()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'/vsicurl/https://a.b/c.tif?se=1&sig=x%3D' is none", "'/vsicurl/https://a.b/c.tif' is"),
        ("c.tif?sig=x, band 1: failed", "c.tif band 1: failed"),
        ("https://me:pass@host/c.tif: gone", "https://host/c.tif: gone"),
        ("is it? yes", "is it? yes"),
    ],
)
def test_what_is_secret_in_an_address_is_left_out(text, expected):
    assert redacted(text).startswith(expected)
