"""How Earth Engine is asked over HTTP, and what its refusals become."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.corpus.earth_engine.loopback_service import (
    GRD,
    PROJECT,
    PUBLIC,
    TOKEN,
    EarthEngineService,
)
from tests.corpus.loopback import serving

from speckle2vec.corpus.earth_engine.service import AT_ONCE, EarthEngine
from speckle2vec.corpus.troubles import (
    ExhaustedError,
    ForbiddenError,
    TemporaryError,
    UnusableError,
)
from speckle2vec.errors import UserError

PATH = f"{PUBLIC}{GRD}:listImages"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("EARTHENGINE_PROJECT", PROJECT)
    monkeypatch.setenv("EARTHENGINE_TOKEN", TOKEN)
    with serving(EarthEngineService()) as server:
        yield server


@pytest.fixture
def asked(server):
    return EarthEngine(server.url, attempts=3, pause_s=0.001, connections=2)


def test_who_asks_stands_in_the_headers_alone(server, asked):
    server.faults = [b'{"images": []}']
    assert asked.get(PATH, {"pageSize": 7}) == {"images": []}
    ((method, path, query, headers),) = server.requests
    assert (method, path, query) == ("GET", f"/v1/{PATH}", {"pageSize": "7"})
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["x-goog-user-project"] == PROJECT


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_fails_for_a_while_is_asked_again(server, asked, status):
    server.faults = [status, status, b"whole"]
    assert asked.post("projects/x/image:computePixels", {"a": 1}) == b"whole"
    assert [request[0] for request in server.requests] == ["POST"] * 3


def test_what_goes_on_failing_is_told_after_all_tries(server, asked):
    server.faults = [..., 429]
    with pytest.raises(ExhaustedError, match="HTTP 429 after 3 tries"):
        asked.post("projects/x/image:computePixels", {})
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [401, 403])
def test_refusals_are_told_at_once_and_without_the_token(server, asked, status, caplog):
    server.faults = [..., status]
    with caplog.at_level(logging.DEBUG), pytest.raises(ForbiddenError) as refused:
        asked.get(PATH, {})
    text = str(refused.value)
    assert f"refuses (HTTP {status}: told to say {status} to Bearer ...)" in text
    assert "gcloud auth print-access-token" in text
    assert "EARTHENGINE_PROJECT" in text
    assert len(server.requests) == 1
    assert TOKEN not in text + caplog.text


def test_what_is_not_there_is_no_wrong_request(server, asked):
    for status in (400, 404):
        server.faults = [(status, b'{"error": {"message": "Image asset \'x\' not found."}}', [])]
        with pytest.raises(UnusableError, match="it is not there"):
            asked.get(PATH, {})
    for status, message in ((400, b"Invalid JSON payload"), (404, b"Project not found")):
        server.faults = [(status, message, [])]
        with pytest.raises(UserError, match=f"HTTP {status}: {message.decode()}.*`bands`"):
            asked.get(PATH, {})


def test_no_more_is_asked_at_once_than_a_project_may(server):
    asked = EarthEngine(server.url, attempts=1, pause_s=0, connections=64)
    server.faults, server.delay_s = [..., b"whole"], 0.05
    with ThreadPoolExecutor(64) as pool:
        futures = [pool.submit(asked.post, "projects/x/image:computePixels", {}) for _ in range(99)]
        answers = [future.result() for future in futures]
    assert answers == [b"whole"] * 99
    assert 1 < server.most_at_once <= AT_ONCE


def test_no_redirect_carries_the_token_elsewhere(server, asked):
    with serving(EarthEngineService()) as other:
        server.faults = [(302, b"", [(b"location", other.url.encode())])]
        with pytest.raises(UserError, match="HTTP 302"):
            asked.get(PATH, {})
        assert other.requests == []


def test_netrc_is_not_shown_instead_of_the_token(server, asked, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.faults = [b"{}"]
    asked.get(PATH, {})
    assert server.requests[0][3]["authorization"] == f"Bearer {TOKEN}"


def test_an_answer_that_is_cut_off_may_be_whole_next_time(server, asked):
    server.cut, server.faults = True, [..., b"a whole array"]
    with pytest.raises(TemporaryError, match=r"127\.0\.0\.1: "):
        asked.post("projects/x/image:computePixels", {})
    server.cut, server.faults = False, [b"<html>"]
    with pytest.raises(TemporaryError, match="does not answer with JSON"):
        asked.get(PATH, {})


def test_a_service_that_is_away_is_told(asked, server):
    nobody = EarthEngine("http://127.0.0.1:9", attempts=2, pause_s=0, connections=1)
    with pytest.raises(ExhaustedError, match="cannot be reached") as away:
        nobody.get(PATH, {})
    assert TOKEN not in str(away.value)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("EARTHENGINE_PROJECT", "", "which project asks.*EARTHENGINE_PROJECT"),
        ("EARTHENGINE_PROJECT", "a/b", "which project asks"),
        ("EARTHENGINE_TOKEN", "", "who asks.*EARTHENGINE_TOKEN_FILE"),
        ("EARTHENGINE_TOKEN", "two words", "is no single word"),
    ],
)
def test_who_asks_must_be_known(server, asked, monkeypatch, name, value, sentence):
    monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=sentence) as told:
        asked.get(PATH, {})
    assert "two words" not in str(told.value)
    assert server.requests == []


def test_a_file_with_the_token_is_read_before_each_request(server, asked, monkeypatch, tmp_path):
    monkeypatch.delenv("EARTHENGINE_TOKEN")
    path = tmp_path / "token"
    monkeypatch.setenv("EARTHENGINE_TOKEN_FILE", str(path))
    with pytest.raises(UserError, match=f"cannot be read: {path}"):
        asked.get(PATH, {})
    for token in ("first", "second"):
        path.write_text(f"{token}\n")
        server.faults = [b"{}"]
        asked.get(PATH, {})
    shown = [headers["authorization"] for *_, headers in server.requests]
    assert shown == ["Bearer first", "Bearer second"]


def test_a_token_never_goes_out_in_the_clear():
    with pytest.raises(UserError, match=r"example.org: is not asked without https"):
        EarthEngine("http://example.org", 1, 0, 1)
