"""Pairs of one place: against a plain double loop, and rule by rule."""

from datetime import date

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.providers import L2A, RTC
from speckle2vec.corpus.search.footprints import best_zone
from speckle2vec.corpus.search.images import columns, to_table
from speckle2vec.corpus.search.items import read_item
from speckle2vec.corpus.search.pairing import choose, usable
from speckle2vec.settings.archive import Search

HERE = (13.0, 48.2)
PAIR = Search(start=date(2021, 1, 1), end=date(2021, 12, 31), samples="pair")


@pytest.fixture
def chosen():
    """Ids of the images of places, and the reasons."""

    def make(radar_items, optical_items, places=(HERE,), search=PAIR, size=264):
        radar = columns(to_table(read_item(item, RTC) for item in radar_items))
        radar = usable(radar, search)
        optical = None
        if optical_items is not None:
            optical = columns(to_table(read_item(item, L2A) for item in optical_items))
            optical = usable(optical, search, search.most_cloud)
        positions = np.array(places, float)
        choices = choose(positions[:, 0], positions[:, 1], radar, optical, search, size)
        return [
            [(radar.items[one], optical.items[other] if other >= 0 else None)
             for one, other in choice.snapshots] or choice.reason
            for choice in choices
        ]  # fmt: skip

    return make


def at(day, hour=5):
    return f"2021-{day}T{hour:02d}:00:00Z"


def test_pairs_are_those_of_a_plain_double_loop(made, chosen):
    random = np.random.default_rng(0)
    radar_items, optical_items = [], []
    for number in range(60):
        day = np.datetime64("2021-01-01T00:00") + int(random.integers(0, 200 * 1440))
        zone = int(random.choice([32632, 32633]))
        west, south = random.uniform([200e3, 5.2e6], [700e3, 5.4e6])
        box = (west, south, west + 200e3, south + 170e3)
        radar_items.append(made.radar(f"r{number}", f"{day}:00Z", zone, box))
        day = np.datetime64("2021-01-01T00:00") + int(random.integers(0, 200 * 1440))
        box = (west, south, west + 110e3, south + 110e3)
        optical_items.append(made.optical(f"o{number}", f"{day}:00Z", zone, box))
    places = random.uniform([11.0, 47.5], [13.0, 49.0], (40, 2))
    found = chosen(radar_items, optical_items, places)
    expected = [plainly(place, radar_items, optical_items, 264) for place in places]
    assert [one if isinstance(one, str) else one[0] for one in found] == [
        one or other for one, other in zip(expected, found, strict=True)
    ]
    assert 10 < sum(one is not None for one in expected) < 40
    assert all(isinstance(one, str) for one, pair in zip(found, expected, strict=True) if not pair)


def plainly(place, radar_items, optical_items, size):
    """The closest pair, by loops and GeoJSON alone."""
    pairs = []
    for other in optical_items:
        epsg = int(other["properties"]["proj:code"].removeprefix("EPSG:"))
        corners = shapely.get_coordinates(patch_grid(*place, epsg, size).extent.geom)
        back = Transformer.from_crs(epsg, 4326, always_xy=True)
        patch = shapely.Polygon([back.transform(*corner) for corner in corners])
        if not shapely.geometry.shape(other["geometry"]).covers(patch):
            continue
        for one in radar_items:
            if shapely.geometry.shape(one["geometry"]).covers(patch):
                times = [
                    np.datetime64(item["properties"]["datetime"][:-1]) for item in (one, other)
                ]
                apart = abs(times[0] - times[1]) / np.timedelta64(1, "m")
                if apart <= 3 * 1440:
                    away = epsg != best_zone(*place)
                    pairs.append((apart, away, times[0], one["id"], other["id"]))
    return min(pairs)[3:] if pairs else None


def test_the_closest_pair_is_taken_and_the_earlier_of_two_as_close(made, chosen):
    radar = [
        made.radar("a", at("06-10")),
        made.radar("b", at("06-20")),
        made.radar("c", at("07-01")),
    ]
    optical = [made.optical(name, at(day, 6)) for name, day in
               (("x", "06-11"), ("z", "07-01"), ("y", "06-20"))]  # fmt: skip
    assert chosen(radar, optical) == [[("b", "y")]]


@pytest.mark.parametrize(("hours", "paired"), [(72, True), (73, False)])
def test_no_pair_is_further_apart_than_asked(made, chosen, hours, paired):
    when = str(np.datetime64("2021-06-10T05:00:00") + np.timedelta64(hours, "h")) + "Z"
    (found,) = chosen([made.radar("a", at("06-10"))], [made.optical("x", when)])
    assert found == ([("a", "x")] if paired else "no Sentinel-2 image within 3 days of Sentinel-1")


def test_the_best_zone_is_preferred_among_pairs_as_close(made, chosen):
    """Both tiles of one overpass hold the place, which lies in zone 33 just east of 12 degrees."""
    place = (12.03, 48.2)
    radar = [made.radar("a", at("06-10"), 32633, (150000, 5240000, 500000, 5420000))]
    boxes = {32632: (690220, 5290200, 800020, 5400000), 32633: (260000, 5290200, 369800, 5400000)}
    tiles = [made.optical(f"in-{zone % 100}", at("06-11"), zone, box)
             for zone, box in boxes.items()]  # fmt: skip
    assert chosen(radar, tiles, [place]) == [[("a", "in-33")]]
    assert chosen(radar, tiles[:1], [place]) == [[("a", "in-32")]]


def test_of_an_overpass_the_newest_processing_is_taken(made, chosen):
    old = made.optical("old", at("06-11"), **{"s2:generation_time": "2021-06-11T12:00:00Z"})
    new = made.optical("new", at("06-11"), **{"s2:generation_time": "2023-01-01T12:00:00Z"})
    again = made.radar("again", at("06-10"), created="2024-02-01T00:00:00Z")
    for optical in ([old, new], [new, old]):
        assert chosen([made.radar("a", at("06-10")), again], optical) == [[("again", "new")]]


def test_a_patch_beyond_an_edge_is_not_contained(made, chosen):
    radar = [made.radar("a", at("06-10"))]
    inside, outside = (made.optical("x", at("06-11"), 32633, (300000, 5290200, east, 5400000))
                       for east in (352820, 352620))  # fmt: skip
    place = patch_place(east=352720)
    assert chosen(radar, [inside], [place]) == [[("a", "x")]]
    assert chosen(radar, [outside], [place]) == ["no usable image of Sentinel-2 contains the patch"]


def patch_place(east):
    """A place whose patch ends at an easting of zone 33."""
    back = Transformer.from_crs(32633, 4326, always_xy=True)
    return back.transform(east - 1320, 5340000)


def test_a_patch_across_the_antimeridian(made, chosen):
    west = made.optical("x", at("06-11"), 32660, (760000, 1050000, 869800, 1159800))
    radar = made.radar("a", at("06-10"), 32660, (700000, 1000000, 950000, 1170000))
    split = {**west, "geometry": {"type": "MultiPolygon", "coordinates": [
        [[[179.4, 9.6], [180, 9.6], [180, 10.4], [179.4, 10.4], [179.4, 9.6]]],
        [[[-180, 9.6], [-179.7, 9.6], [-179.7, 10.4], [-180, 10.4], [-180, 9.6]]]]}}  # fmt: skip
    for tile in (west, split):
        for place in ((179.999, 10.0), (-179.999, 10.0)):
            assert chosen([radar], [tile], [place]) == [[("a", "x")]]
    assert chosen([radar], [west], [(0.0, 10.0)])[0].startswith("no usable image")


def test_near_a_pole_the_own_grid_decides(made, chosen):
    """Straight edges in degrees bulge beyond the tile by hundreds of metres at 82 degrees."""
    box = (499980, 9090240, 609780, 9200040)
    tile = made.optical("x", at("06-11"), 32646, box)
    corners = made.ring_of(32646, *box, steps=1)
    tile["geometry"] = shapely.geometry.mapping(shapely.box(*corners.bounds))
    radar = made.radar("a", at("06-10"), 32646, (400000, 9000000, 700000, 9250000))
    back = Transformer.from_crs(32646, 4326, always_xy=True)
    inside, outside = (back.transform(502000 + by, 9150000) for by in (0, -1500))
    found = chosen([radar], [tile], [inside, outside])
    assert found == [[("a", "x")], "no usable image of Sentinel-2 contains the patch"]


def test_cloudy_images_are_passed_over_only_where_asked(made, chosen):
    radar = [made.radar("a", at("06-10"))]
    cloudy = made.optical("cloudy", at("06-10", 6), **{"eo:cloud_cover": 90})
    unknown = made.optical("unknown", at("06-11", 6), **{"eo:cloud_cover": None})
    clear = made.optical("clear", at("06-12", 6))
    optical = [cloudy, unknown, clear]
    assert chosen(radar, optical) == [[("a", "cloudy")]]
    assert chosen(radar, optical, search=PAIR.model_copy(update={"most_cloud": 30})) == [
        [("a", "clear")]
    ]


def test_without_sentinel_2_every_image_will_do(made, chosen):
    search = PAIR.model_copy(update={"optical": False})
    radar = [made.radar("b", at("06-20")), made.radar("a", at("06-10"))]
    assert chosen(radar, None, search=search) == [[("a", None)]]
    assert chosen(radar, None, [(0, 0)], search) == [
        "no usable image of Sentinel-1 contains the patch"
    ]


def test_a_region_without_imagery(made, chosen):
    nothing = "no usable image of Sentinel-2 contains the patch"
    assert chosen([], []) == [nothing]
    assert chosen([made.radar("a", at("06-10"))], []) == [nothing]
    assert chosen([], [made.optical("x", at("06-10"))]) == [
        "no usable image of Sentinel-1 contains the patch"
    ]
