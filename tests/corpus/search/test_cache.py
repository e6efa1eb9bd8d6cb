"""Searches kept on disk: what is taken from there, and what is asked or read again."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from speckle2vec.corpus.providers import L2A
from speckle2vec.corpus.search import cache as kept
from speckle2vec.corpus.search.cache import Cache
from speckle2vec.corpus.search.images import SCHEMA, to_table
from speckle2vec.corpus.search.items import read_item
from speckle2vec.corpus.search.stac import Wanted

WANTED = Wanted(L2A, 13.0, 48.2, date(2021, 1, 1), date(2021, 12, 31))


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "train-000001")


@pytest.fixture
def found(made):
    """What a search of a collection finds: one image of a late baseline."""

    def make(collection=L2A):
        told = {"s2:processing_baseline": "05.00"}
        item = made.optical("a", "2021-06-01T10:00:00Z", **told)
        return to_table([read_item(item, collection)])

    return make


def test_what_was_found_is_held_as_it_was(cache, found):
    cache.keep("1", WANTED, found())
    assert cache.held("1", WANTED).equals(found())
    assert cache.held("2", WANTED) is None


def test_nothing_found_is_held_too(cache):
    cache.keep("1", WANTED, SCHEMA.empty_table())
    assert cache.held("1", WANTED).equals(SCHEMA.empty_table())


@pytest.mark.parametrize(
    "change",
    [
        {"start": date(2021, 1, 2)},
        {"end": date(2021, 12, 30)},
        {"longitude": 13.000001},
        {"collection": replace(L2A, name="other")},
        {"collection": replace(L2A, url="https://mirror.test")},
        {"collection": replace(L2A, assets={**L2A.assets, "B02": "blue"})},
    ],
)
def test_another_search_is_another_entry(cache, found, change):
    cache.keep("1", WANTED, found())
    assert cache.held("1", replace(WANTED, **change)) is None


def test_a_key_in_the_address_makes_no_other_entry(cache, found):
    cache.keep("1", WANTED, found())
    secret = replace(L2A, url=L2A.url.replace("://", "://me:secret@"))
    assert cache.held("1", replace(WANTED, collection=secret)) is not None


def test_whether_the_archive_took_the_offset_off_counts_for_images_found_before(cache, found):
    """The setting `harmonised` is corrected by a person after a first search."""
    cache.keep("1", WANTED, found())
    corrected = replace(L2A, harmonised=True)
    held = cache.held("1", replace(WANTED, collection=corrected))
    assert held is None or held["offset"].to_pylist() == found(corrected)["offset"].to_pylist()


def test_what_other_code_read_is_read_again(cache, found, tmp_path):
    cache.keep("1", WANTED, found())
    (path,) = tmp_path.rglob("*.parquet")
    table = pq.read_table(path)
    wrong = table.set_column(0, SCHEMA.field("item"), [["of other code"]])
    told = table.schema.metadata
    pq.write_table(wrong.replace_schema_metadata(told), path)
    assert cache.held("1", WANTED)["item"].to_pylist() == ["of other code"]
    pq.write_table(wrong.replace_schema_metadata({**told, b"read_by": b"other"}), path)
    assert cache.held("1", WANTED).equals(found())


@pytest.mark.parametrize(("days", "is_held"), [(-100, False), (30.9, False), (31.1, True)])
def test_a_period_long_past_is_not_asked_again(cache, found, monkeypatch, days, is_held):
    asked = datetime(2021, 12, 31, tzinfo=UTC) + timedelta(days=days)
    with monkeypatch.context() as patch:
        patch.setattr(kept.time, "time", asked.timestamp)
        cache.keep("1", WANTED, found())
    assert (cache.held("1", WANTED) is not None) == is_held


@pytest.mark.parametrize(("hours", "is_held"), [(0, True), (23, True), (25, False)])
def test_a_period_that_goes_on_is_asked_again_after_a_day(
    cache, found, monkeypatch, hours, is_held
):
    wanted, now = replace(WANTED, end=datetime.now(UTC).date()), time.time()
    with monkeypatch.context() as patch:
        patch.setattr(kept.time, "time", lambda: now - 3600 * hours)
        cache.keep("1", wanted, found())
    assert (cache.held("1", wanted) is not None) == is_held
