"""How often rasters count where samples are pairs of dates: names alone, no file is opened."""

from collections import Counter, defaultdict
from fractions import Fraction

import pytest

from speckle2vec.evaluate.codes.raw_pairs import paired_rasters
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.listing import all_shards
from speckle2vec.settings.corpus import OPTICAL_BANDS
from speckle2vec.settings.load import parse_settings

PATTERN = r"(?P<place>[a-z]+)_(?P<date>\d{8})"
WHOLE = {band: at for at, band in enumerate(OPTICAL_BANDS, 1)}
RADAR = {"a": 5, "b": 2, "c": 4}
OPTICAL = {"a": 3, "b": 1, "d": 2}


def touch(folder, dates, bands=("",)):
    """Empty files of so many dates of each place, and of each band."""
    folder.mkdir(exist_ok=True)
    for place, count in dates.items():
        for day in range(1, count + 1):
            for band in bands:
                (folder / f"{place}_202001{day:02d}{band}.tif").touch()


def corpus(dates, **changes):
    files = {"files": "*.tif", "pattern": PATTERN}
    return {
        "source": "geotiff", **files, "path": "radar", "dates": dates, "units": "linear",
        "calibration": "gamma0", "bands": {"VV": 1, "VH": 2},
        "optical": {**files, "path": "optical", "bands": WHOLE}, **changes,
    }  # fmt: skip


def shares(folder, corpora, keys=None):
    """Shares by folder and name."""
    settings = parse_settings({"corpora": corpora, "data": str(folder)}, "test")
    keys = all_shards(settings, folder) if keys is None else keys
    found = paired_rasters(settings, keys, folder)
    return {location.removeprefix(f"{folder}/"): share for location, share in found.items()}


def sums(found):
    """Of each folder and place."""
    totals = defaultdict(Fraction)
    for name, share in found.items():
        totals[name.partition("_")[0]] += share
    return dict(totals)


@pytest.mark.parametrize("dates", [1, 2, 4])
def test_all_files_of_a_place_and_satellite_count_once_for_each_sample(tmp_path, dates):
    touch(tmp_path / "radar", RADAR)
    touch(tmp_path / "optical", OPTICAL)
    found = shares(tmp_path, {"mine": corpus(dates)})
    samples = {place: -(-count // dates) for place, count in RADAR.items()}
    expected = {f"radar/{place}": count for place, count in samples.items()}
    assert sums(found) == {**expected, "optical/a": samples["a"], "optical/b": samples["b"]}
    for folder, each in (("radar", RADAR), ("optical", OPTICAL)):
        for place, count in each.items():
            told = {share for name, share in found.items() if name.startswith(f"{folder}/{place}_")}
            assert told <= {Fraction(samples.get(place, 0), count)}


def test_files_of_single_bands_are_each_read_as_often_as_their_date(tmp_path):
    touch(tmp_path / "radar", {"a": 4}, ("_vv", "_vh"))
    touch(tmp_path / "optical", {"a": 3})
    named = {"pattern": PATTERN + "_(?P<band>v[vh])", "bands": {"VV": "vv", "VH": "vh"}}
    found = shares(tmp_path, {"mine": corpus(2, **named)})
    assert Counter(found.values()) == {Fraction(2, 4): 8, Fraction(2, 3): 3}


def test_images_without_a_date_stand_for_every_sample(tmp_path):
    touch(tmp_path / "radar", {"a": 5})
    (tmp_path / "optical").mkdir()
    (tmp_path / "optical/a_mosaic.tif").touch()
    undated = {"files": "*.tif", "path": "optical", "pattern": "(?P<place>[a-z]+)_mosaic",
               "bands": WHOLE, "undated": True}  # fmt: skip
    found = shares(tmp_path, {"mine": corpus(2, optical=undated)})
    assert found.pop("optical/a_mosaic.tif") == 3
    assert set(found.values()) == {Fraction(3, 5)}


def test_corpora_that_are_not_stacks_with_optical_and_not_asked_take_no_part(tmp_path):
    touch(tmp_path / "radar", {"a": 4})
    touch(tmp_path / "optical", {"a": 4})
    corpora = {"mine": corpus(4), "other": corpus(1, optical=None), "made": {"source": "simulated"}}
    settings = parse_settings({"corpora": corpora, "data": str(tmp_path)}, "test")
    keys = all_shards(settings, tmp_path)
    assert {key.corpus for key in keys} == set(corpora)
    found = shares(tmp_path, corpora, keys)
    assert len(found) == 8
    assert set(found.values()) == {Fraction(1, 4)}
    others = [key for key in keys if key.corpus != "mine"]
    assert shares(tmp_path, corpora, others) == shares(tmp_path, corpora, []) == {}


def test_shards_that_are_not_asked_take_no_part(tmp_path):
    places = {f"place{letter}": 2 for letter in "abcdefgh"}
    touch(tmp_path / "radar", places)
    touch(tmp_path / "optical", places)
    corpora = {"mine": corpus(2)}
    settings = parse_settings({"corpora": corpora, "data": str(tmp_path)}, "test")
    keys = all_shards(settings, tmp_path)
    whole = shares(tmp_path, corpora, keys)
    parts = [shares(tmp_path, corpora, [key]) for key in keys]
    assert {name: share for part in parts for name, share in part.items()} == whole
    assert sum(map(len, parts)) == len(whole) == 32
    assert shares(tmp_path, corpora, [ShardKey("mine", "no such shard")]) == {}
