"""Patches cut over HTTP from scenes with an analytic truth, and read back."""

import hashlib

import numpy as np
import pytest
import xarray as xr
import zarr
from tests.corpus.archives import KEY, POSITIONS, Archive, settings_of
from tests.corpus.scenes import RESOLUTIONS, gamma0_db, lonlat, passes, reflectance, write_scenes

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.errors import UserError
from speckle2vec.products.ledger import read_ledger
from speckle2vec.readers.base import PairError
from speckle2vec.readers.optical import open_optical
from speckle2vec.readers.registry import open_shard

DATES = passes(4)
# Half a step of float16 between -16 and -32 dB, and the error of linear interpolation.
DECIBEL = 0.0078 + 0.003
# Half a number of rounding on either side; interpolation over 20 m and 60 m adds its error.
NUMBERS = {10: 0.51, 20: 2.0, 60: 10.0}


@pytest.fixture(scope="module")
def items(server):
    return write_scenes(server.folder, server.url, DATES)


def of(items, zone, dates=None):
    """The items of a zone, of the first so many dates."""
    kept = [item for item in items if f"_{zone}_" in item["id"]]
    days = sorted({item["id"][-8:] for item in kept})[:dates]
    return [item for item in kept if item["id"][-8:] in days]


@pytest.fixture(scope="module")
def seasons(items, tmp_path_factory):
    """Four places of four dates in zone 32, whatever zone they lie in."""
    archive = Archive(tmp_path_factory.mktemp("seasons"), settings_of(4), of(items, 32632))
    archive.cut()
    return archive


def opened(path):
    return xr.open_zarr(zarr.storage.ZipStore(path, mode="r"))


def grids(archive, epsg=32632):
    return [patch_grid(*position, epsg, 64) for position in archive.places]


def test_backscatter_is_the_truth_at_the_centres_of_pixels(seasons):
    data = opened(seasons.radar)
    bands = data["bands"].values.astype(np.float64)
    assert bands.shape == (4, 4, 2, 64, 64)
    for row, grid in enumerate(grids(seasons)):
        for date in range(4):
            for band, name in enumerate(("vv", "vh")):
                truth = gamma0_db(*lonlat(grid), name, DATES[date].day)
                assert np.abs(bands[row, date, band] - truth).max() < DECIBEL


def test_reflectance_is_the_truth_without_the_offset_of_any_baseline(seasons):
    data = opened(seasons.optical)
    assert data["offset_applied"].values[0].tolist() == [0, -1000, 0, -1000]
    assert data["baseline"].values[0].tolist() == ["03.00", "05.09", "03.00", "05.09"]
    bands = data["bands"].values
    for row, grid in enumerate(grids(seasons)):
        for band, name in enumerate(data["band"].values.tolist()):
            for date in range(4):
                truth = reflectance(*lonlat(grid), name, DATES[date].day) * 10_000
                error = np.abs(bands[row, date, band] - truth).max()
                assert error <= NUMBERS[RESOLUTIONS[name]], (name, error)


def test_bands_of_ten_metres_are_copied_and_not_resampled(seasons, server):
    """To the number: a second way to read the same pixels."""
    import rasterio

    grid = grids(seasons)[2]
    with rasterio.open(server.folder / "S2A_32632_20210115_B08.tif") as file:
        column, row = ~file.transform @ (grid.affine.c, grid.affine.f)
        window = ((round(row), round(row) + 64), (round(column), round(column) + 64))
        expected = file.read(1, window=window)
    np.testing.assert_array_equal(opened(seasons.optical)["bands"].values[2, 0, 7], expected)


def test_clouds_come_from_the_scene_classification(seasons):
    mask = opened(seasons.optical)["cloud_mask"]
    assert set(np.unique(mask)) <= {0, 1, 2, 3}
    assert len(np.unique(mask)) == 4
    assert mask.attrs["classes"].startswith("0 clear, 1 thick cloud, 2 thin cloud, 3 cloud shadow")


def test_shards_say_what_they_hold(seasons):
    radar, optical = opened(seasons.radar), opened(seasons.optical)
    assert (radar.attrs["units"], radar.attrs["calibration"]) == ("dB", "gamma0")
    assert (optical.attrs["offset"], optical.attrs["collection"]) == (0, "sentinel-2-l2a")
    assert {"provider", "processing_level"} <= set(radar.attrs) & set(optical.attrs)
    assert radar["file_id"].values[0, 1] == f"S1A_32632_{DATES[1].when:%Y%m%d}"
    assert radar["orbit"].values[0].tolist() == ["ascending 15"] * 4
    for row, (longitude, latitude) in enumerate(POSITIONS):
        assert float(radar["center_lon"][row]) == pytest.approx(longitude, abs=1e-4)
        assert float(radar["center_lat"][row]) == pytest.approx(latitude, abs=1e-4)
    for data in (radar, optical):
        assert (np.diff(data["time_"].values, axis=1) > np.timedelta64(30, "D")).all()


@pytest.mark.parametrize("declared", [None, -1000])
def test_the_readers_read_what_was_cut(seasons, declared):
    """The setting on the archive's numbers says nothing of the shards."""
    corpus = seasons.settings.corpora["own"].model_copy(update={"optical_offset": declared})
    settings = seasons.settings.model_copy(update={"corpora": {"own": corpus}})
    shard = open_shard(settings, KEY, seasons.folder / "made")
    images = open_optical(settings, KEY, seasons.folder / "made")
    for row, (sample, grid) in enumerate(zip(shard.samples, grids(seasons), strict=True)):
        assert sample.sample_id == f"{row + 1:07d}"
        assert sample.grid == grid
        truth = gamma0_db(*lonlat(grid), "vh", DATES[3].day)
        assert np.abs(shard.read(row)[3, 1] - truth).max() < DECIBEL
        image = images.read(sample, 3, (slice(None), slice(None)))
        truth = reflectance(*lonlat(grid), "B04", DATES[3].day)
        assert np.abs(image.values[3] - truth).max() <= 0.51e-4
        assert image.offset == 0
    shard.close()
    images.close()


def test_another_calibration_than_declared_is_told(seasons):
    corpus = seasons.settings.corpora["own"].model_copy(update={"calibration": "sigma0"})
    settings = seasons.settings.model_copy(update={"corpora": {"own": corpus}})
    with pytest.raises(UserError, match="says that it is gamma0, and `calibration` of its corpus"):
        open_shard(settings, KEY, seasons.folder / "made")


def test_a_pair_at_the_edge_of_a_zone_is_on_the_grid_of_its_sentinel_2(items, tmp_path):
    archive = Archive(tmp_path, settings_of(1), of(items, 32633, 1))
    archive.cut()
    radar, optical = opened(archive.radar), opened(archive.optical)
    assert radar["bands"].shape == (4, 1, 2, 64, 64)
    assert radar["crs"].values.tolist() == [32633] * 4
    for row, grid in enumerate(grids(archive, 32633)):
        truth = reflectance(*lonlat(grid), "B02", 0) * 10_000
        assert np.abs(optical["bands"].values[row, 0, 1] - truth).max() <= 0.51
        truth = gamma0_db(*lonlat(grid), "vv", 0)
        assert np.abs(radar["bands"].values[row, 0, 0] - truth).max() < DECIBEL


def test_an_image_of_another_zone_is_resampled(items, tmp_path):
    """Sentinel-1 of zone 33 on the grid of Sentinel-2 of zone 32."""
    mixed = [item for item in items if "20210115" in item["id"]]
    mixed = [i for i in mixed if i["id"].startswith(("S1A_32633", "S2A_32632"))]
    archive = Archive(tmp_path, settings_of(1), mixed)
    archive.cut()
    for row, grid in enumerate(grids(archive)):
        truth = gamma0_db(*lonlat(grid), "vv", 0)
        assert np.abs(opened(archive.radar)["bands"].values[row, 0, 0] - truth).max() < DECIBEL


def test_without_sentinel_2_only_sentinel_1_is_cut(items, tmp_path):
    archive = Archive(tmp_path, settings_of(1, search={"optical": False}), of(items, 32632, 1))
    archive.cut()
    assert opened(archive.radar)["crs"].values.tolist() == [32632] * 4
    assert not archive.optical.exists()


def test_finished_patches_are_removed_and_bytes_repeat(items, seasons, tmp_path):
    """One connection or many, in any order."""
    assert not seasons.work.exists()
    assert not seasons.failed.exists()
    again = Archive(tmp_path, settings_of(4, provider={"connections": 1}), of(items, 32632))
    again.cut()
    for one, other in ((again.radar, seasons.radar), (again.optical, seasons.optical),
                       (again.ledger, seasons.ledger)):  # fmt: skip
        assert hashlib.sha256(one.read_bytes()).digest() == (
            hashlib.sha256(other.read_bytes()).digest()
        )


def test_a_place_without_images_is_absent_from_the_shard(items, seasons, tmp_path):
    archive = Archive(tmp_path, settings_of(1), [])
    archive.choose(of(items, 32632, 1), {"0000002": "no Sentinel-2 within 3 days"})
    archive.cut()
    assert opened(archive.radar)["sample"].values.tolist() == ["0000001", "0000003", "0000004"]
    entries = read_ledger(archive.ledger)
    assert [entry.verdict for entry in entries] == ["cut", "refused", "cut", "cut"]
    assert entries[1].reason == "no Sentinel-2 within 3 days"
    shard = open_shard(archive.settings, KEY, archive.folder / "made")
    images = open_optical(archive.settings, KEY, archive.folder / "made")
    lost = open_shard(seasons.settings, KEY, seasons.folder / "made").samples[1]
    with pytest.raises(PairError, match="is not in"):
        images.dates(lost)
    assert [sample.row for sample in shard.samples] == [0, 1, 2]


def test_a_region_without_imagery_gives_an_empty_shard(items, tmp_path):
    archive = Archive(tmp_path, settings_of(4), [])
    archive.choose([], dict.fromkeys(("0000001", "0000002", "0000003", "0000004"), "open sea"))
    archive.cut()
    assert opened(archive.radar)["bands"].shape == (0, 4, 2, 64, 64)
    assert open_shard(archive.settings, KEY, archive.folder / "made").samples == ()
    assert {entry.reason for entry in read_ledger(archive.ledger)} == {"open sea"}
