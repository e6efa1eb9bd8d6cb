"""Four seasons in a row: which images, of which orbit, and what is told where one lacks."""

from datetime import date

import numpy as np
import pytest

from speckle2vec.corpus.providers import L2A, RTC
from speckle2vec.corpus.search.images import columns, to_table
from speckle2vec.corpus.search.items import read_item
from speckle2vec.corpus.search.pairing import choose
from speckle2vec.corpus.search.seasons import middles, seasons
from speckle2vec.settings.archive import Search, season_of

YEAR = Search(start=date(2021, 1, 1), end=date(2021, 12, 31))
MIDDLES = ("2021-01-15", "2021-04-16", "2021-07-17", "2021-10-17", "2022-01-15")


@pytest.fixture
def chosen():
    """Days of Sentinel-1, of Sentinel-2, orbits; or the reason."""

    def make(radar_items, optical_items, search=YEAR):
        radar = columns(to_table(read_item(item, RTC) for item in radar_items))
        optical = columns(to_table(read_item(item, L2A) for item in optical_items))
        place = np.array([13.0]), np.array([48.2])
        (choice,) = choose(*place, radar, optical, search, 264)
        if not choice.snapshots:
            return choice.reason
        first, second = (list(column) for column in zip(*choice.snapshots, strict=True))
        return days(radar.times[first]), days(optical.times[second]), list(radar.orbits[first])

    return make


def days(times):
    return [str(one) for one in times.astype("datetime64[ms]").astype("datetime64[D]")]


def on(make, listed, **properties):
    return [make(f"{make.__name__}{day}{properties}", f"{day}T06:00:00Z", **properties)
            for day in listed]  # fmt: skip


def test_seasons_are_numbered_alike_in_settings_and_images():
    first = season_of(date(1970, 1, 1))
    for day in np.arange(np.datetime64("2016-01-01"), np.datetime64("2021-01-01")):
        (number,) = seasons(np.array([day], "datetime64[ms]").astype(np.int64))
        assert number == season_of(day.item()) - first
    (number,) = seasons(np.array(["2021-01-20"], "datetime64[ms]").astype(np.int64))
    middle = middles(np.array([number]))[0].astype("datetime64[ms]")
    assert str(middle) == "2021-01-15T00:00:00.000"  # 1 December to 1 March are 90 days


def test_the_images_nearest_the_middles_are_taken_in_order(made, chosen):
    radar = made.year(step=12, start="2021-01-03")
    first, second, _ = chosen(radar, made.year(make=made.optical, step=5, hour=10))
    expected = []
    for middle in MIDDLES[:4]:
        apart = [abs(np.datetime64(item["properties"]["datetime"][:10]) - np.datetime64(middle))
                 for item in radar]  # fmt: skip
        expected.append(radar[int(np.argmin(apart))]["properties"]["datetime"][:10])
    assert first == expected
    delays = np.array(second, "datetime64[D]") - np.array(first, "datetime64[D]")
    assert np.abs(delays.astype(int)).max() <= 3


def test_an_image_without_a_partner_is_passed_over(made, chosen):
    radar = on(made.radar, ["2021-01-14", "2021-01-20", "2021-04-16", "2021-07-17", "2021-10-17"])
    optical = on(made.optical, ["2021-01-22", "2021-04-15", "2021-07-18", "2021-10-17"])
    assert chosen(radar, optical)[0][0] == "2021-01-20"


def test_one_orbit_is_kept_where_it_is_complete(made, chosen):
    """Orbit 44 lies on the middles but lacks autumn; orbit 117 is a week off, and complete."""
    near, far = MIDDLES[:3], ["2021-01-22", "2021-04-23", "2021-07-24", "2021-10-24"]
    radar = on(made.radar, near) + on(made.radar, far, **{"sat:relative_orbit": 117})
    optical = made.year(make=made.optical, step=2, hour=10)
    first, _, orbits = chosen(radar, optical)
    assert (first, set(orbits)) == (far, {"ascending 117"})


def test_orbits_are_mixed_where_none_is_complete(made, chosen):
    radar = on(made.radar, MIDDLES[:3]) + on(
        made.radar, MIDDLES[3:4], **{"sat:orbit_state": "descending"}
    )
    first, _, orbits = chosen(radar, made.year(make=made.optical, step=2, hour=10))
    assert first == list(MIDDLES[:4])
    assert orbits == ["ascending 44"] * 3 + ["descending 44"]


def test_the_seasons_follow_each_other(made, chosen):
    """December of the second winter counts for that winter: the row may begin in spring."""
    radar = on(made.radar, [*MIDDLES[1:4], "2021-12-30"])
    optical = on(made.optical, [*MIDDLES[1:4], "2021-12-31"])
    assert chosen(radar, optical)[0] == [*MIDDLES[1:4], "2021-12-30"]


def test_what_lacks_is_told_by_season(made, chosen):
    radar = on(made.radar, [MIDDLES[0], MIDDLES[1], MIDDLES[3]])
    optical = on(made.optical, [MIDDLES[0], "2021-05-01", MIDDLES[2], MIDDLES[3]])
    assert chosen(radar, optical) == (
        "Mar-May 2021 lacks Sentinel-2 within 3 days of Sentinel-1; Jun-Aug 2021 lacks Sentinel-1"
    )
