import subprocess
import sys
from pathlib import Path

import pytest

from speckle2vec.errors import UserError
from speckle2vec.readers import optical_listing
from speckle2vec.readers.listing import list_shards
from speckle2vec.readers.optical_listing import list_optical
from speckle2vec.readers.patterns import RasterFile

MADE = Path("results/corpora")
PUBLISHED = {"source": "ssl4eo", "path": "pub", "folders": ["train"]}
OPTICAL = {"files": "s2/*.tif", "pattern": r"s2/(?P<place>\w)_(?P<date>\d{8})_(?P<band>B\w+)\.tif$"}


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_listing_imports_nothing_heavy():
    program = "import sys, speckle2vec.readers.optical; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "speckle2vec.readers.optical_listing" in loaded
    assert not {"zarr", "rasterio", "odc", "numpy", "xarray", "fsspec"} & set(loaded)


def test_simulated_files_lie_where_the_workflow_writes_them(settings_of):
    found = list_optical(settings_of(".", source="simulated", size="tiny"), "mine", MADE)
    assert found["val-000001"] == (
        "results/corpora/mine/val/S2L2A/ssl4eos12_val_seasonal_data_000001.zarr.zip",
    )


def test_published_files_have_the_number_of_their_shard(settings_of, tmp_path):
    name = "ssl4eos12_train_seasonal_data_{:06d}.zarr.zip".format
    touch(tmp_path / "pub/train", *(f"S1GRD/{name(n)}" for n in (2, 10)))
    touch(tmp_path / "pub/train", *(f"S2L2A/{name(n)}" for n in (2, 10, 11)))
    found = list_optical(settings_of(tmp_path, **PUBLISHED), "mine", MADE)
    folder = f"{tmp_path}/pub/train/S2L2A"
    assert found == {f"train-{n:06d}": (f"{folder}/{name(n)}",) for n in (2, 10)}


def test_what_is_missing_of_published_shards(settings_of, tmp_path):
    touch(tmp_path / "pub/train", *(f"S1GRD/a_{n}.tar" for n in (1, 2, 3)))
    with pytest.raises(
        UserError, match=r"corpus 'mine' has none: .*S2L2A: there is no such folder"
    ):
        list_optical(settings_of(tmp_path, **PUBLISHED), "mine", MADE)
    touch(tmp_path / "pub/train/S2L2A", "a_1.tar")
    told = r"none: 2 of its 3 shards, train-2 first, have no S2L2A file below .*; download them"
    with pytest.raises(UserError, match=told):
        list_optical(settings_of(tmp_path, **PUBLISHED), "mine", MADE)
    limited = settings_of(tmp_path, **PUBLISHED, shards="train-1")
    assert list(list_optical(limited, "mine", MADE)) == ["train-1"]


def stacks(fakes, **optical):
    files = {"files": "s1/*.tif", "dates": 1, "optical": {**OPTICAL, **optical}}
    return fakes.STACK | files | {"pattern": r"s1/" + fakes.STACK["pattern"]}


def test_places_bring_their_images(settings_of, tmp_path, fakes):
    touch(tmp_path, *(f"s1/{p}_20200101_{b}.tif" for p in "abc" for b in ("VV", "VH")))
    touch(tmp_path, *(f"s2/{p}_20200103_{b}.tif" for p in "acd" for b in ("B01", "B8A", "SCL")))
    found = list_optical(settings_of(tmp_path, **stacks(fakes)), "mine", MADE)
    names = {shard: [Path(file).name for file in files] for shard, files in found.items()}
    assert names["a"] == ["a_20200103_B01.tif", "a_20200103_B8A.tif"]
    assert [len(files) for files in names.values()] == [2, 0, 2]
    together = settings_of(tmp_path, **stacks(fakes) | {"places_per_shard": 2})
    found = list_optical(together, "mine", MADE)
    held = {shard: {Path(file).name[0] for file in files} for shard, files in found.items()}
    assert held == {"places-0": {"c"}, "places-1": {"a"}}


class Counted(RasterFile):
    """A file that counts how often anyone asks for its place."""

    asked = 0

    @property
    def place(self):
        Counted.asked += 1
        return tuple.__getitem__(self, 1)


def test_images_are_looked_at_once_and_not_once_a_shard(settings_of, tmp_path, fakes, monkeypatch):
    places = [f"{first}{second}" for first in "abcdef" for second in "abcdef"]
    touch(tmp_path, *(f"s1/{p}_20200101_{b}.tif" for p in places for b in ("VV", "VH")))
    touch(tmp_path, *(f"s2/{p}_20200103_B01.tif" for p in places))
    declared = stacks(fakes, pattern=r"s2/(?P<place>\w+?)_(?P<date>\d{8})_(?P<band>B\w+)")
    declared |= {"pattern": r"s1/(?P<place>\w+?)_(?P<date>\d{8})_(?P<band>V\w)"}
    parse = optical_listing.parse_names
    monkeypatch.setattr(
        optical_listing, "parse_names", lambda *given: [Counted(*file) for file in parse(*given)]
    )
    found = list_optical(settings_of(tmp_path, **declared), "mine", MADE)
    assert [len(files) for files in found.values()] == [1] * len(places)
    files = 3 * len(places)
    assert Counted.asked <= 2 * files


def test_shards_that_are_known_are_not_listed_again(settings_of, tmp_path, fakes, monkeypatch):
    touch(tmp_path, "s1/a_20200101_VV.tif", "s1/a_20200101_VH.tif", "s2/a_20200101_B01.tif")
    settings = settings_of(tmp_path, **stacks(fakes))
    shards = list_shards(settings, "mine", MADE)
    expected = list_optical(settings, "mine", MADE)
    monkeypatch.delattr(optical_listing, "list_shards")
    assert list_optical(settings, "mine", MADE, shards) == expected


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (None, "none: declare its files in the group `optical`"),
        ({"files": "s3/*.tif"}, "`optical.files` 's3/\\*.tif' found 0 files"),
        ({"pattern": r"(?P<place>x)_(?P<date>\d{8})_(?P<band>B\w+)"}, "such as 's2/d_2"),
        ({"path": "nowhere"}, "nowhere: there is no such folder"),
        ({}, "none of its places is one of the 1 of `optical`, such as 'd'"),
        ({"pattern": r"s2/(?P<place>\w)_(?P<date>\d{8})"}, "names no band, so .* of B01, B02"),
    ],
)
def test_what_is_wrong_with_stacks(settings_of, tmp_path, fakes, change, sentence):
    touch(tmp_path, "s1/a_20200101_VV.tif", "s1/a_20200101_VH.tif", "s2/d_20200101_B01.tif")
    declared = stacks(fakes, **(change or {}))
    declared |= {} if change is not None else {"optical": None}
    with pytest.raises(UserError, match=sentence):
        list_optical(settings_of(tmp_path, **declared), "mine", MADE)
