"""Shards that a user's own GeoTIFFs make, by the names of the files."""

from pathlib import Path

import pytest
from tests.readers.listed import MADE, names, touch

from speckle2vec.errors import UserError
from speckle2vec.readers.listing import list_shards


def test_places_become_shards(settings_of, tmp_path, fakes):
    touch(tmp_path, *[f"{p}_2020010{d}_{b}.tif" for p in "cab" for d in "12" for b in ("VV", "VH")])
    touch(tmp_path, "a_20200101_angle.tif", "a_20200101_MASK.tif", "labels/water.tif")
    listing = list_shards(settings_of(tmp_path, **fakes.STACK), "mine", MADE)
    assert list(listing) == ["a", "b", "c"]
    assert [Path(file).name for file in listing["a"]] == [
        "a_20200101_VH.tif", "a_20200101_VV.tif", "a_20200102_VH.tif", "a_20200102_VV.tif",
    ]  # fmt: skip
    together = settings_of(tmp_path, **fakes.STACK | {"places_per_shard": 2})
    listing = list_shards(together, "mine", MADE)
    held = {name: {Path(file).name[0] for file in files} for name, files in listing.items()}
    assert held == {"places-0": {"b", "c"}, "places-1": {"a"}}


@pytest.mark.parametrize(
    ("most", "ran_again"), [(3, {"places-11"}), (2, {"places-1100", "places-1101"})]
)
def test_a_new_place_leaves_the_shards_of_others_alone(
    settings_of, tmp_path, fakes, most, ran_again
):
    settings = settings_of(tmp_path, **fakes.STACK | {"places_per_shard": most})
    touch(tmp_path, *[f"{place}_20200101_{b}.tif" for place in "bcdefghijk" for b in ("VV", "VH")])
    before = list_shards(settings, "mine", MADE)
    touch(tmp_path, "a_20200101_VV.tif", "a_20200101_VH.tif")
    after = list_shards(settings, "mine", MADE)
    assert len(before) > 4
    assert {name for name in after if after[name] != before.get(name)} == ran_again
    assert len(before.keys() - after.keys()) <= 1


def test_names_of_places_are_safe_file_names(settings_of, tmp_path, fakes):
    touch(tmp_path, "x/Île, 1_20200101_VV.tif")
    pattern = r"^(?P<place>.+)_(?P<date>\d{8})_(?P<band>V[VH])"
    settings = settings_of(tmp_path, **fakes.STACK | {"pattern": pattern})
    assert names(settings) == ["x_le_1"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pattern": r"(?P<spot>.*)\.tif"}, "names no place"),
        ({"pattern": r"(?P<place>.*\.tif"}, "is no valid regular expression"),
        ({"pattern": r"(?P<place>.*)_\d{8}_(?P<band>V.)"}, "names no date but `dates` is 2"),
        ({"pattern": r"(?P<place>.*)_(?P<date>\d{8})"}, "names no band, so"),
        ({"bands": {"VV": 1, "VH": 2}}, "names a band, so `bands` must give the text"),
        ({"bands": {"VV": "vv", "VH": "vh"}}, "matches none of them, such as 'a_20200101_VH.tif'"),
        ({"files": "*.jp2"}, "found 0, and `pattern`"),
        ({"path": "elsewhere"}, "there is no such folder"),
        ({"pattern": r"(?P<place>a)_(?P<date>2020010)\d_(?P<band>V.)"}, "its date reads '2020010'"),
        (
            {"pattern": r"(?P<place>a)_\d{6}01_(?P<band>V.)", "dates": 1},
            "has the same place, date and band as",
        ),
    ],
)
def test_what_is_wrong_with_stacks(settings_of, tmp_path, fakes, change, sentence):
    touch(tmp_path, "a_20200101_VV.tif", "a_20200201_VV.tif", "a_20200101_VH.tif")
    with pytest.raises(UserError, match=sentence):
        names(settings_of(tmp_path, **fakes.STACK | change))
