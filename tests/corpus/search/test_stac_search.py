"""Searches over HTTP: a STAC API on loopback, and a server before it with bad days."""

import logging
from dataclasses import replace
from datetime import date

import pytest

from speckle2vec.corpus.providers import L2A, RTC, collections_of
from speckle2vec.corpus.search import stac as search
from speckle2vec.corpus.search.stac import Archive, Wanted
from speckle2vec.errors import UserError
from speckle2vec.settings.archive import Provider

HERE = (13.0, 48.2)
PATIENT = Provider(pause_s=0.01, attempts=4)


def wanted(collection=L2A, place=HERE, start="2021-01-01", end="2021-12-31"):
    return Wanted(collection, *place, date.fromisoformat(start), date.fromisoformat(end))


def ids(archive, asked):
    return [item["id"] for item in archive.find(asked)]


@pytest.fixture(scope="module")
def api(made, services, tmp_path_factory):
    """Two zones, the antimeridian, another collection, and more items than fit a page."""
    dateline = (760000, 1050000, 869800, 1159800)
    items = [
        *made.year(make=made.optical, step=5, hour=10), *made.year(make=made.radar, step=12),
        made.optical("west", "2021-06-01T10:00:00Z", 32632, (590220, 5290200, 700020, 5400000)),
        made.optical("zone-32", "2021-06-01T10:00:00Z", 32632, (690220, 5290200, 800020, 5400000)),
        made.optical("before", "2020-12-31T23:59:59Z"),
        made.optical("last", "2021-12-31T23:59:58Z"),
        made.optical("after", "2022-01-01T00:00:00Z"),
        made.optical("dateline", "2021-06-01T22:00:00Z", 32660, dateline),
    ]  # fmt: skip
    jumping = made.optical("jumping", "2021-06-02T22:00:00Z", 32660, dateline)
    ring = jumping["geometry"]["coordinates"][0]
    jumping["geometry"]["coordinates"] = [[[(x + 540) % 360 - 180, y] for x, y in ring]]
    jumping["bbox"] = [-180.0, *jumping["bbox"][1:2], 180.0, jumping["bbox"][3]]
    with services.stac_api([*items, jumping], tmp_path_factory.mktemp("api")) as address:
        yield address


@pytest.fixture
def front(api, services):
    with services.served(services.Front(api)) as one:
        yield one


def test_what_lies_over_the_place_in_the_period_is_found(front):
    found = ids(Archive(front.url, PATIENT), wanted())
    assert len(found) == 73 + 2
    assert {"last", "zone-32"} <= set(found)
    assert found == sorted(found)
    assert not {"before", "after", "west", "dateline"} & set(found)
    assert len(ids(Archive(front.url, PATIENT), wanted(RTC))) == 31


def test_pages_are_followed(front):
    archive, paged = Archive(front.url, PATIENT), wanted(replace(L2A, page=20))
    assert len(ids(archive, paged)) == 75
    asked, counted = len(front.searches), archive.requests
    assert asked == 4
    ids(archive, paged)
    assert len(front.searches) - asked == archive.requests - counted == 4


def test_a_server_that_ignores_filters_is_not_believed(front):
    front.ignoring = True
    assert len(ids(Archive(front.url, PATIENT), wanted())) == 75
    june = wanted(start="2021-06-01", end="2021-06-30")
    found = Archive(front.url, PATIENT).find(june)
    assert len(found) == 6 + 1
    assert {item["properties"]["datetime"][:7] for item in found} == {"2021-06"}


def test_a_server_that_never_ends_is_told_of(front, monkeypatch):
    monkeypatch.setattr(search, "MOST_ITEMS", 50)
    front.ignoring = True
    with pytest.raises(UserError, match="seems to ignore what is asked for"):
        ids(Archive(front.url, PATIENT), wanted())


@pytest.mark.parametrize("place", [(179.99, 10.0), (-179.99, 10.0), (-179.8, 10.0)])
def test_both_sides_of_the_antimeridian_are_asked(front, place):
    assert ids(Archive(front.url, PATIENT), wanted(place=place)) == ["dateline", "jumping"]


def test_far_from_it_nothing_of_the_antimeridian_is_found(front):
    assert ids(Archive(front.url, PATIENT), wanted(place=(0.0, 10.0))) == []


@pytest.mark.parametrize("faults", [[503, 503], [429, 500], [502, 504, 408]])
def test_what_fails_for_a_while_is_tried_again(front, faults):
    front.faults = list(faults)
    assert len(ids(Archive(front.url, PATIENT), wanted(RTC))) == 31
    assert len(front.searches) == len(faults) + 1


def test_what_goes_on_failing_is_told_after_all_attempts(front):
    front.always = 503
    with pytest.raises(UserError, match=r"still fails after 4 tries \(status 503") as told:
        ids(Archive(front.url, PATIENT), wanted())
    assert len(front.searches) == 4
    assert_closed(str(told.value))


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(401, "asks who you are"), (403, "refuses the search"), (404, "nothing at this address"),
     (400, "refuses the search .status 400")],
)  # fmt: skip
def test_a_refusal_is_told_at_once_and_without_keys(front, services, status, sentence):
    front.always = status
    archive = Archive(front.url + "/?api_key=door", PATIENT)
    with pytest.raises(UserError, match=sentence) as told:
        ids(archive, wanted())
    assert len(front.searches) == 1
    assert front.url in str(told.value)
    assert_closed(str(told.value))


def assert_closed(text):
    assert not [one for one in ("sig=", "se=", "token", "door", "api_key") if one in text], text


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://me:door@127.0.0.1:9/v1?token=1"])
def test_an_archive_that_does_not_answer(address):
    with pytest.raises(UserError, match=r"127.0.0.1:9.*cannot be reached after 2 tries") as told:
        Archive(address, Provider(pause_s=0.0, attempts=2))
    assert_closed(str(told.value))


def test_a_web_page_is_no_archive(services):
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    page = services.Front("")
    page.application = Starlette(routes=[Route("/", lambda _: PlainTextResponse("<html>"))])
    with services.served(page), pytest.raises(UserError, match="does not answer as a STAC API"):
        Archive(page.url, PATIENT)


def test_retries_are_told_without_addresses(front, caplog):
    caplog.set_level(logging.WARNING)
    front.faults = [503]
    ids(Archive(front.url + "/?api_key=door", PATIENT), wanted(RTC))
    assert "127.0.0.1: no answer (status 503); trying again, tries left: 3" in caplog.text
    assert_closed(caplog.text)


def test_waiting_for_an_archive_that_cannot_be_reached_is_told(caplog):
    with pytest.raises(UserError):
        Archive("http://127.0.0.1:9", Provider(pause_s=0.0, attempts=3))
    told = [one.getMessage() for one in caplog.records]
    assert [one.rpartition(": ")[2] for one in told] == ["2", "1"]
    assert all(one.startswith("127.0.0.1: no answer (NewConnectionError)") for one in told)


def test_the_archive_of_the_settings_is_asked(front, settings_of):
    corpus = settings_of(front.url).corpora["new"]
    radar, _ = collections_of(corpus)
    assert len(ids(Archive(radar.url, corpus.provider), wanted(radar))) == 31
