"""What is to be added to Sentinel-2: who is believed, and what says nothing."""

from dataclasses import replace

import pytest

from speckle2vec.corpus.providers import C1, L2A
from speckle2vec.corpus.search.images import to_table
from speckle2vec.corpus.search.item_offset import offset_of
from speckle2vec.corpus.search.items import read_item

TOLD = {"raster:bands": [{"scale": 1e-4, "offset": -0.1}]}
UNKNOWN, TAKEN_OFF = replace(L2A, harmonised=None), replace(L2A, harmonised=True)


@pytest.fixture
def item(made):
    """An image of a baseline whose bands all say the same."""

    def make(baseline=None, **bands):
        told = {"s2:processing_baseline": baseline}
        item = made.optical("a", "2021-06-01T10:00:00Z", **told)
        for asset in item["assets"].values():
            asset.update(bands)
        return item

    return make


@pytest.mark.parametrize(
    ("collection", "baseline", "offset"),
    [
        (UNKNOWN, "03.99", 0),
        (UNKNOWN, "04.00", None),
        (TAKEN_OFF, "05.11", 0),
        (L2A, 5.09, -1000),
        (L2A, "N0400", None),
        (L2A, "", None),
    ],
)
def test_a_baseline_tells_where_the_archive_is_known(item, collection, baseline, offset):
    assert offset_of(item(baseline), collection) == offset


@pytest.mark.parametrize("baseline", ["nan", float("nan")])
def test_a_baseline_that_is_no_number_tells_nothing(item, baseline):
    assert offset_of(item(baseline), L2A) is None


def test_bands_are_believed_before_the_baseline(item):
    assert offset_of(item("03.00", **TOLD), TAKEN_OFF) == -1000
    zero = {"bands": [{"raster:scale": 1e-4, "raster:offset": 0}]}
    assert offset_of(item("05.00", **zero), L2A) == 0


def test_a_band_that_says_nothing_leaves_it_to_the_baseline(item):
    told = item("03.00", **TOLD)
    del told["assets"]["B11"]["raster:bands"]
    assert offset_of(told, L2A) == 0
    assert offset_of(item("03.00", scale=0, offset=-0.1), L2A) == 0


def test_scene_classes_have_no_say(item):
    told = item(**TOLD)
    told["assets"]["SCL"]["raster:bands"] = [{"scale": 1, "offset": 7}]
    assert offset_of(told, L2A) == -1000


def test_a_band_of_another_name_is_not_asked(item):
    told = item("05.00", **TOLD)
    assert offset_of(told, replace(C1, harmonised=True)) == 0


@pytest.mark.parametrize(
    "bands",
    [
        {"raster:bands": [{"scale": 1e-4, "offset": float("nan")}]},
        {"raster:bands": [{"scale": float("nan"), "offset": -0.1}]},
        {"raster:bands": [None]},
        {"bands": {"scale": 1e-4, "offset": -0.1}},
    ],
)
def test_bands_that_make_no_sense_tell_nothing(item, bands):
    assert read_item(item("03.00", **bands), L2A).offset == 0


def test_an_offset_beyond_all_numbers_of_an_image_can_be_kept(item):
    """Some archives give the offset in numbers of the file beside a scale of 1e-4."""
    bands = {"raster:bands": [{"scale": 1e-4, "offset": -1000}]}
    assert len(to_table([read_item(item("05.00", **bands), L2A)])) == 1
