"""Where the images of a corpus come from, as its settings say."""

import pytest

from speckle2vec.corpus.providers import C1, L2A, RTC, URLS, collections_of
from speckle2vec.errors import UserError
from speckle2vec.settings.corpus import OPTICAL_BANDS
from speckle2vec.settings.describe import describe

MINE = {"collection": "mine", "bands": {"VV": "a", "VH": "b"}, "units": "db", "nodata": 0}


@pytest.fixture
def found(settings_of):
    def make(optical=True, **provider):
        settings = settings_of("", {"pause_s": 1, **provider}, optical=optical)
        return collections_of(settings.corpora["new"])

    return make


def test_the_named_providers(found):
    assert found(name="planetary-computer") == (RTC, L2A)
    assert found(name="earth-search") == (RTC, C1)
    assert found(name="planetary-computer", optical=False) == (RTC,)
    assert RTC.url == URLS["planetary-computer"]
    assert C1.assets["B8A"] == "nir08"
    assert [C1.assets[band] for band in ("B05", "B08", "B09")] == ["rededge1", "nir", "nir09"]
    assert set(L2A.required) == set(OPTICAL_BANDS)


def test_a_mirror_is_asked_only_for_what_is_its_own(found):
    radar, optical = found(name="earth-search", url="http://mirror")
    assert (radar.url, optical.url) == (RTC.url, "http://mirror")
    own = {"collection": "sentinel-1-rtc", "url": "http://mirror"}
    radar, optical = found(name="earth-search", url="http://mirror", sentinel_1=own)
    assert (radar.url, radar.assets, radar.signed) == ("http://mirror", RTC.assets, True)


def test_any_other_api_by_its_assets(found):
    (radar,) = found(optical=False, name="stac", url="https://me:key@mine.test/v1", sentinel_1=MINE)
    assert (radar.provider, radar.units, radar.nodata) == ("mine.test", "db", 0)
    assert (radar.assets, radar.signed, radar.level) == ({"VV": "a", "VH": "b"}, False, "unknown")


@pytest.mark.parametrize(
    ("provider", "sentence"),
    [
        ({"name": "earth-search", "sentinel_1": {"collection": "sentinel-1-grd"}},
         "ground control points instead of a grid"),
        ({"name": "earth-engine", "sentinel_1": MINE, "sentinel_2": {"collection": "mine"}},
         "must name the asset of B01"),
        ({"name": "stac", "url": "http://x", "sentinel_1": MINE}, "give `sentinel_2`"),
        ({"name": "stac", "url": "http://x", "sentinel_1": {**MINE, "bands": {"VV": "a"}}},
         "must name the asset of VH too"),
    ],
)  # fmt: skip
def test_what_cannot_be_cut_is_told(found, provider, sentence):
    with pytest.raises(UserError, match=sentence):
        found(**provider)


@pytest.mark.parametrize(
    ("provider", "search", "sentence"),
    [
        ({"name": "stac", "url": "http://x"}, {}, "needs a `url` and `sentinel_1`"),
        ({}, {"end": "2020-01-01"}, "`end` is before `start`"),
        ({}, {"samples": "seasons", "end": "2021-08-31"}, "fewer than four seasons"),
        ({}, {"start": "2021-13-01"}, "valid date"),
    ],
)
def test_settings_that_cannot_work(settings_of, provider, search, sentence):
    with pytest.raises(UserError, match=sentence):
        settings_of(**({"url": ""} if provider else {}), provider=provider, **search)


def test_nine_months_may_hold_four_seasons(settings_of):
    settings_of(samples="seasons", start="2021-02-01", end="2021-09-01")


def test_the_period_is_described_as_it_is_written(settings_of):
    text = describe(settings_of())
    assert 'start: "2021-01-01"' in text
