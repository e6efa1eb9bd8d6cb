"""Addresses, bands and items that somebody wrote wrongly: told or left out, never a crash."""

import pytest
import shapely

from speckle2vec.corpus.providers import L2A, RTC, collections_of
from speckle2vec.corpus.search.footprints import footprint
from speckle2vec.corpus.search.images import to_table
from speckle2vec.corpus.search.items import read_item
from speckle2vec.corpus.search.stac import Archive
from speckle2vec.errors import UserError

RING = [[12, 48], [14, 48], [14, 49], [12, 49], [12, 48]]
SQUARE = shapely.box(12, 48, 14, 49)


@pytest.mark.parametrize("url", ["stac.test/v1", "/data/stac", "https://", "https://[stac.test/v1"])
def test_an_address_that_is_none_is_told(settings_of, url):
    with pytest.raises(UserError):
        corpus = settings_of(url, {"attempts": 1}).corpora["new"]
        _, optical = collections_of(corpus)
        Archive(optical.url, corpus.provider)


@pytest.mark.parametrize(
    ("role", "collection", "bands", "missing"),
    [("sentinel_1", RTC, {"VV": "vv"}, "VH"), ("sentinel_2", L2A, {"B02": "blue"}, "B01")],
)
def test_a_known_collection_with_some_bands_alone_is_told(
    settings_of, role, collection, bands, missing
):
    provider = {"name": "planetary-computer", role: {"collection": collection.name, "bands": bands}}
    with pytest.raises(UserError, match=f"must name the asset of {missing}"):
        collections_of(settings_of("", provider).corpora["new"])


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [RING, []]},
        {"type": "MultiPolygon", "coordinates": [[RING], [[]]]},
    ],
)
def test_empty_rings_and_parts_of_an_outline_are_passed_over(geometry):
    assert footprint(geometry).equals(SQUARE)


@pytest.mark.parametrize(
    "coordinates",
    [[], [[]], [[[12, 48], [14, 48]]], [[[12, 48], [None, 48], [14, 49], [12, 48]]], [[RING]], 5],
)
def test_an_outline_without_a_ring_is_none(coordinates):
    assert footprint({"type": "Polygon", "coordinates": coordinates}) is None


@pytest.mark.parametrize("code", ["EPSG:32633000000", "EPSG:99999999999999999999", "EPSG:", "1"])
def test_a_code_that_no_system_has_makes_an_image_unusable(made, code):
    item = made.optical("a", "2021-06-01T10:00:00Z")
    for fields in (item["properties"], *item["assets"].values()):
        fields.pop("proj:epsg", None)
        fields.pop("proj:code", None)
    item["properties"]["proj:code"] = code
    image = read_item(item, L2A)
    assert image.problem == "names no EPSG code of a grid in metres"
    assert to_table([image])["epsg"].to_pylist() == [0]
