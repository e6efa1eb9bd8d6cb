"""Items of archives: what is read, what is refused, what must never be kept."""

import json
from collections import Counter
from dataclasses import replace

import pytest
import shapely

from speckle2vec.corpus.providers import C1, L2A, RTC
from speckle2vec.corpus.search.items import GCP_ONLY, read_item
from speckle2vec.corpus.unsigned import unsigned, without_queries

INDIGO = replace(RTC, name="sentinel1-rtc-aws", assets={"VV": "gamma0_vv", "VH": "gamma0_vh"})
COLLECTIONS = {"rtc": RTC, "l2a": L2A, "c1": C1, "indigo": INDIGO}


def real_items(folder):
    for path in sorted(folder.rglob("*.json")):
        told = json.loads(path.read_text())
        items = told if isinstance(told, list) else told.get("features", [told])
        for item in items:
            if item.get("type") == "Feature":
                yield path.relative_to(folder).parts[0], item


def test_what_real_items_hold(real):
    """Each is read as each collection without a crash; this table says what came of it."""
    table = Counter()
    for source, item in real_items(real("stac-items")):
        for name, collection in COLLECTIONS.items():
            image = read_item(item, collection)
            table[source, name, image.problem.split(" ")[0] or "usable", image.offset] += 1
            again = read_item(json.loads(image.stac), collection)
            assert repr(again) == repr(image), item["id"]
    told = {key: count for key, count in table.items() if key[2] != "lacks"}
    assert told == {
        ("aws-s1-rtc", "indigo", "usable", None): 108,
        ("earth-search", "l2a", "usable", None): 1,  # version 0 tells no baseline
        ("pc", "rtc", "usable", None): 4,
        ("pc", "l2a", "usable", 0): 2,
        ("pc", "l2a", "usable", -1000): 5,
        ("pc-s1-grd", "rtc", "has", None): 1,
        ("stactools", "rtc", "has", None): 1,
        ("stactools", "indigo", "usable", None): 2,
        ("stactools", "c1", "usable", 0): 2,
    }


def test_a_real_grd_has_no_grid_to_cut_from(real):
    refused = [
        read_item(item, RTC).problem
        for source, item in real_items(real("stac-items"))
        if source == "pc-s1-grd" or item["id"].startswith("S1A_IW_GRDH_1SDV_2021")
    ]
    assert refused == [GCP_ONLY] * 2


def test_a_real_stale_transform_is_not_kept(real):
    """The corrected scene's item still has shape and transform of the raw one."""
    stale = [item for source, item in real_items(real("stac-items")) if source == "pc-s1-rtc"]
    for item in stale:
        image = read_item(item, RTC)
        assert "proj:transform" not in json.loads(image.stac)["properties"]
        assert json.loads(image.stac)["stac_extensions"] == [
            one for one in item["stac_extensions"] if "projection" not in one
        ]


def test_a_true_transform_is_kept(made):
    image = read_item(made.optical("a", "2021-06-01T10:00:00Z"), L2A)
    assert image.bounds == (300000, 5290200, 409800, 5400000)
    assert json.loads(image.stac)["properties"]["proj:shape"] == [10980, 10980]
    assert (image.epsg, image.offset, image.cloud) == (32633, 0, 10.0)
    assert shapely.from_wkb(image.outline).is_valid


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"sar:instrument_mode": "EW"}, "was not taken in interferometric wide swath mode"),
        ({"proj:code": None}, GCP_ONLY),
        ({"proj:code": "EPSG:4326"}, GCP_ONLY),
        ({"proj:code": None, "sar:product_type": "RTC"}, "names no EPSG code"),
        ({"proj:code": None, "proj:epsg": 32633}, ""),
        ({"datetime": None}, "has no date"),
        ({"datetime": None, "start_datetime": "2021-06-01 05:00:00.1+00:00"}, ""),
    ],
)
def test_what_a_radar_image_must_tell(made, change, problem):
    found = read_item(made.radar("a", "2021-06-01T05:00:00Z", **change), RTC).problem
    assert found.startswith(problem) if problem else not found


def test_a_missing_asset_is_named(made):
    item = made.optical("a", "2021-06-01T10:00:00Z")
    del item["assets"]["B05"], item["assets"]["B8A"]
    assert read_item(item, L2A).problem == "lacks B05, B8A"


def test_an_image_without_scene_classes_is_usable(made):
    item = made.optical("a", "2021-06-01T10:00:00Z")
    del item["assets"]["SCL"]
    assert read_item(item, L2A).problem == ""


BANDS_1_0 = {"raster:bands": [{"scale": 1e-4, "offset": -0.1}]}
BANDS_1_1 = {"bands": [{"raster:scale": 1e-4, "raster:offset": -0.1}]}


@pytest.mark.parametrize(
    ("collection", "baseline", "bands", "applied", "offset"),
    [
        ("l2a", "03.01", {}, None, 0),
        ("l2a", "04.00", {}, None, -1000),
        ("l2a", None, {}, None, None),
        ("c1", "05.00", BANDS_1_0, False, -1000),
        ("c1", "05.00", BANDS_1_1, None, -1000),
        ("c1", "05.00", BANDS_1_0, True, 0),  # wrong bands of earth-search's older collection
        ("c1", "02.12", {"raster:bands": [{"scale": 1e-4, "offset": 0}]}, None, 0),
    ],
)
def test_the_offset_is_what_the_item_says(made, collection, baseline, bands, applied, offset):
    told = {"s2:processing_baseline": baseline, "earthsearch:boa_offset_applied": applied}
    item = made.optical("a", "2021-06-01T10:00:00Z", **told)
    names = COLLECTIONS[collection].assets
    item["assets"] = {names[band]: {**item["assets"][band], **bands} for band in names}
    assert read_item(item, COLLECTIONS[collection]).offset == offset


def test_bands_that_disagree_tell_no_offset(made):
    item = made.optical("a", "2021-06-01T10:00:00Z", **{"s2:processing_baseline": None})
    item["assets"]["B02"] |= BANDS_1_0
    assert read_item(item, L2A).offset is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.blob/x.tif?st=1&se=2&sp=r&sv=3&sr=c&sig=Q%3D&skoid=4", "https://a.blob/x.tif"),
        ("https://a/x.tif?X-Amz-Signature=1&X-Amz-Expires=9&versionId=7",
         "https://a/x.tif?versionId=7"),
        ("https://me:secret@a:8/x.tif?api_key=1&subscription-key=2&access_token=3",
         "https://a:8/x.tif"),
        ("s3://bucket/x.tif", "s3://bucket/x.tif"),
    ],
)  # fmt: skip
def test_an_address_is_kept_without_what_opens_doors(address, kept):
    assert unsigned(address) == kept


def test_messages_lose_queries_and_users():
    told = without_queries("at https://me:pw@a/x?sig=1&b=2 (and 'http://c/d?token=e') why?")
    assert told == "at https://a/x (and 'http://c/d') why?"
