"""How a user's files are put into shards, and what is said where none fits."""

from collections import Counter

import pytest
from tests.readers.listed import touch

from speckle2vec.errors import UserError
from speckle2vec.readers.stack_listing import list_stacks


@pytest.fixture
def listed(settings_of, tmp_path, fakes):
    """Shards of a folder by `fakes.STACK` and some changes."""

    def make(**changes):
        declared = settings_of(tmp_path, **fakes.STACK | changes).corpora["mine"]
        return list_stacks("mine", declared, str(tmp_path))

    return make


def test_every_file_is_in_one_shard_with_all_others_of_its_place(listed, tmp_path):
    files = [
        f"{folder}/place{number}_202001{day}_{band}.tif"
        for number in range(20) for folder, day in (("early", "01"), ("late", "02"))
        for band in ("VV", "VH")
    ]  # fmt: skip
    touch(tmp_path, *files)
    listing = listed(places_per_shard=4)
    held = Counter(file for found in listing.values() for file in found)
    assert held == Counter(f"{tmp_path}/{file}" for file in files)
    assert list(listing) == sorted(listing)
    assert len(listing) >= 5
    for found in listing.values():
        places = Counter(file.rpartition("/")[2].partition("_")[0] for file in found)
        assert len(places) <= 4
        assert set(places.values()) == {4}


def test_images_of_one_name_are_only_let_in_where_a_tag_holds_their_dates(listed, tmp_path):
    touch(tmp_path, "one/a_VV.tif", "two/a_VV.tif")
    undated = {"pattern": r"(?P<place>[^/]+)_(?P<band>V[VH])\.tif$"}
    listing = listed(date_tag="ACQUIRED", **undated)
    assert listing == {"a": (f"{tmp_path}/one/a_VV.tif", f"{tmp_path}/two/a_VV.tif")}
    with pytest.raises(UserError, match=r"two/a_VV.tif: has the same place.*one/a_VV.tif \(a VV\)"):
        listed(dates=1, **undated)


def test_places_whose_names_are_made_safe_alike_are_one_place(listed, tmp_path):
    touch(tmp_path, "a b_20200101_VV.tif", "a+b_20200101_VH.tif")
    assert [len(files) for files in listed().values()] == [2]
    touch(tmp_path, "a b_20200101_VH.tif")
    with pytest.raises(UserError, match="has the same place, date and band as"):
        listed()


def test_a_folder_without_files_gives_no_example(listed):
    with pytest.raises(UserError, match=r"corpus 'mine': .* found 0, .*matches none of them\.$"):
        listed()
