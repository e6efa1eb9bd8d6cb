"""Images of Earth Engine, listed over HTTP and told as items."""

import json
from datetime import date
from types import SimpleNamespace

import pytest
from tests.corpus.archives import settings_of
from tests.corpus.earth_engine.loopback_service import (
    EPSG,
    GRD,
    PLACE,
    PROJECT,
    PUBLIC,
    S1_ID,
    S2_ID,
    SR,
    SR_OLD,
    TOKEN,
    band,
    optical_image,
    provider_at,
    radar_image,
)

from speckle2vec.corpus.earth_engine.search import EarthEngineArchive
from speckle2vec.corpus.providers import GRD_FLOAT, collections_of
from speckle2vec.corpus.search.items import read_item
from speckle2vec.corpus.search.stac import Wanted
from speckle2vec.errors import UserError


@pytest.fixture
def find(server):
    """What is found of a role; with the collection it was found in."""

    def find(role, place=PLACE, **provider):
        own = provider_at(server, **provider)
        corpus = settings_of(provider=own, calibration="sigma0").corpora["own"]
        collection = next(one for one in collections_of(corpus) if one.role == role)
        wanted = Wanted(collection, *place, date(2019, 11, 1), date(2019, 12, 31))
        items = EarthEngineArchive(server.url, corpus.provider).find(wanted)
        return SimpleNamespace(items=items, collection=collection)

    return find


def images(found):
    return [read_item(item, found.collection) for item in found.items]


def test_what_is_asked_for(server, find):
    find("S1")
    ((method, path, query, headers),) = server.requests
    assert (method, path) == ("GET", f"/v1/{PUBLIC}{GRD}:listImages")
    region = json.loads(query.pop("region"))
    assert region == {"type": "Point", "coordinates": list(PLACE)}
    assert query == {"startTime": "2019-11-01T00:00:00Z", "endTime": "2020-01-01T00:00:00Z",
                     "pageSize": "250"}  # fmt: skip
    assert headers["x-goog-user-project"] == PROJECT


def test_an_image_of_sentinel_1(find):
    (image,) = images(find("S1"))
    assert image.item == S1_ID
    assert (image.problem, image.platform, image.orbit) == ("", "sentinel-1a", "ascending 175")
    assert (image.epsg, image.offset, image.cloud) == (EPSG, None, None)
    assert image.time_ms == 1575304495000
    assert image.made_ms == 1575312426960
    assert image.bounds[0] == 190615.1700898306
    assert image.bounds[3] == 5568907.024637105


def test_an_image_of_sentinel_2(find, server):
    (image,) = images(find("S2"))
    assert (image.item, image.problem, image.tile) == (S2_ID, "", "34UCV")
    assert (image.platform, image.orbit) == ("sentinel-2a", "descending 36")
    assert (image.baseline, image.offset, image.cloud) == ("05.09", 0, 12.5)
    assert image.bounds == (300000, 5390220, 409800, 5500020)
    asset = json.loads(image.stac)["assets"]["SCL"]
    assert asset["href"] == f"{server.url}/v1/{PUBLIC}{SR}/{S2_ID}"


@pytest.mark.parametrize(("baseline", "offset"), [("05.09", -1000), ("03.01", 0)])
def test_the_collection_tells_whether_the_offset_was_taken_off(server, find, baseline, offset):
    server.images = [optical_image(SR_OLD, baseline)]
    (image,) = images(find("S2", sentinel_2={"collection": SR_OLD}))
    assert image.offset == offset


def test_linear_backscatter_is_known_too(server, find):
    server.images = [radar_image(name=f"{PUBLIC}{GRD}_FLOAT/{S1_ID}")]
    found = find("S1", sentinel_1={"collection": f"{GRD}_FLOAT"})
    assert found.collection.units == GRD_FLOAT.units == "linear"
    assert len(found.items) == 1


def test_a_collection_of_ones_own_by_its_bands(server, find):
    mine = "projects/my-project/assets/grd"
    server.images = [radar_image(name=f"{mine}/one")]
    own = {"collection": mine, "bands": {"VV": "VV", "VH": "VH"}, "units": "db"}
    found = find("S1", sentinel_1=own)
    assert [item["id"] for item in found.items] == ["one"]
    assert server.requests[0][1] == f"/v1/{mine}:listImages"


def test_all_pages_are_read_and_filters_are_checked(server, find):
    later = "2019-12-14T16:34:55Z"
    away = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    server.ignoring = True
    server.images = [
        radar_image(name=f"{PUBLIC}{GRD}/b", startTime=later), radar_image(name=f"{PUBLIC}{GRD}/a"),
        radar_image(name=f"{PUBLIC}{GRD}/early", startTime="2019-01-01T00:00:00Z"),
        radar_image(name=f"{PUBLIC}{GRD}/away", geometry=away),
    ]  # fmt: skip
    assert [item["id"] for item in find("S1").items] == ["a", "b"]
    assert [query.get("pageToken") for _, _, query, _ in server.requests] == [
        None, "t1", "t2", "t3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"properties": {"instrumentMode": "EW"}}, "interferometric wide swath"),
        ({"bands": [band("VV", "DOUBLE", "S1")]}, "lacks VH"),
        ({"geometry": None}, "no valid outline"),
        ({"bands": []}, "lacks VV, VH"),
    ],
)
def test_images_that_cannot_be_cut_say_why(server, find, changes, problem):
    found = find("S1")
    bad = radar_image(**changes)
    from speckle2vec.corpus.earth_engine.items import item_of

    assert problem in read_item(item_of(bad, found.collection), found.collection).problem


@pytest.mark.parametrize(
    ("faults", "sentence"),
    [
        ([..., 503], r"S1_GRD: .*HTTP 503 after 2 tries.*goes on where it was"),
        ([..., 403], r"refuses \(HTTP 403"),
        ([b"[]"], "does not answer with JSON"),
        ([b'{"images": [{"id": "x"}]}'], r"is not that of Earth Engine \(KeyError\('name'\)\)"),
    ],
)
def test_bad_days_of_a_search(server, find, faults, sentence):
    server.faults = faults
    with pytest.raises(UserError, match=sentence) as told:
        find("S1")
    assert TOKEN not in str(told.value)


def test_a_collection_that_is_not_there(server, find):
    server.images = []
    with pytest.raises(UserError, match=r"it is not there.*correct `collection`"):
        find("S1")
