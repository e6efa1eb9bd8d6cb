from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import PairError
from speckle2vec.readers.optical import open_optical
from speckle2vec.readers.registry import open_shard

SIDE = 48
WHOLE = slice(0, SIDE), slice(0, SIDE)
PIXEL_M = {"B01": 60, "B09": 60, **dict.fromkeys(("B05", "B06", "B07", "B8A", "B11", "B12"), 20)}
PATTERN = r"(?P<place>[^/]+)_(?P<date>\d{8})_(?P<band>B\w+)\.tif$"
OPTICAL = {"path": "s2", "files": "*.tif", "pattern": PATTERN}


def numbers(name, seed=0, pixel_m=None):
    side = SIDE * 10 // (pixel_m or PIXEL_M.get(name, 10))
    random = np.random.default_rng([seed, *name.encode()])
    return random.integers(200, 5000, (side, side)).astype(np.uint16)


@pytest.fixture
def places(tmp_path, fakes, settings_of):
    """Write Sentinel-1 and -2 of one place, `p`, and open both."""

    def make(optical=OPTICAL, dates=("20200601",), images=None, product="p", corpus=None, **how):
        fakes.write_stack(tmp_path / "s1", "p", dates, side=SIDE)
        for seed, date in enumerate(images or ("20200602",)):
            for name in fakes.OPTICAL:
                path = tmp_path / "s2" / f"{product}_{date}_{name}.tif"
                fakes.write_raster(path, numbers(name, seed), pixel_m=PIXEL_M.get(name, 10), **how)
        declared = fakes.STACK | {"path": "s1", "files": "*.tif", "dates": len(dates)}
        declared |= {"optical": optical, "optical_offset": 0, **(corpus or {})}
        settings, key = settings_of(tmp_path, **declared), ShardKey("mine", "p")
        made = Path("made")
        return open_shard(settings, key, made).samples, open_optical(settings, key, made)

    return make


def test_all_bands_come_to_the_grid_of_sentinel_1(places, fakes):
    (sample,), shard = places()
    assert [str(day)[:10] for day in shard.dates(sample)] == ["2020-06-02"]
    image = shard.read(sample, 0, WHOLE)
    assert (image.offset, image.source) == (0, "the setting `optical_offset`")
    for name, found in zip(fakes.OPTICAL, image.values, strict=True):
        stored, step = numbers(name) / 10_000, PIXEL_M.get(name, 10) / 10
        centres = np.clip((np.arange(SIDE) + 0.5) / step - 0.5, 0, None)
        where = np.stack(np.meshgrid(centres, centres, indexing="ij"))
        expected = map_coordinates(stored, where, order=1, mode="nearest")
        inner = slice(int(step), SIDE - int(step))
        np.testing.assert_allclose(found[inner, inner], expected[inner, inner], atol=1e-6)


def test_tiles_and_windows_are_parts_of_the_whole(places):
    (whole,), shard = places()
    expected = shard.read(whole, 0, WHOLE).values
    part = shard.read(whole, 0, (slice(5, 25), slice(30, 45))).values
    np.testing.assert_allclose(part, expected[:, 5:25, 30:45], atol=1e-6)
    tiles, shard = places(corpus={"tile": 32})
    (tile,) = tiles
    found = shard.read(tile, 0, (slice(0, 32), slice(0, 32))).values
    np.testing.assert_allclose(found, expected[:, :32, :32], atol=1e-6)


def test_several_dates_are_in_order(places):
    (sample,), shard = places(images=("20200901", "20200301"))
    assert [str(day)[5:7] for day in shard.dates(sample)] == ["03", "09"]
    for date, seed in ((0, 1), (1, 0)):
        found = shard.read(sample, date, WHOLE).values[1]
        np.testing.assert_allclose(found, numbers("B02", seed) / 10_000, rtol=1e-6)


def test_bands_in_one_file_by_number_and_dates_in_a_tag(tmp_path, fakes, settings_of):
    stacked = np.stack([numbers(name, pixel_m=10) for name in fakes.OPTICAL])
    fakes.write_stack(tmp_path / "s1", "p", ("20200601",), side=SIDE)
    path = tmp_path / "s2" / "p.tif"
    optical = {
        "path": "s2", "files": "*.tif", "pattern": r"(?P<place>\w+)\.tif", "date_tag": "datetime",
        "bands": {name: number for number, name in enumerate(fakes.OPTICAL, start=1)},
    }  # fmt: skip
    declared = fakes.STACK | {"path": "s1", "files": "*.tif", "dates": 1, "optical": optical}
    settings, key = settings_of(tmp_path, **declared, optical_offset=0), ShardKey("mine", "p")
    (sample,) = open_shard(settings, key, Path("made")).samples
    fakes.write_raster(path, stacked, tags={"datetime": "2020-06-01T16:04:18.000000000"})
    shard = open_optical(settings, key, Path("made"))
    assert [str(day)[:19] for day in shard.dates(sample)] == ["2020-06-01T16:04:18"]
    np.testing.assert_allclose(shard.read(sample, 0, WHOLE).values, stacked / 1e4, rtol=1e-6)
    fakes.write_raster(path, stacked, tags={"time": "noon"})
    with pytest.raises(UserError, match=r"p.tif: has no tag 'datetime' .* it has .*time"):
        open_optical(settings, key, Path("made"))
    fakes.write_raster(path, stacked, tags={"datetime": "noon"})
    with pytest.raises(UserError, match=r"its date reads 'noon'.* correct `date_tag`"):
        open_optical(settings, key, Path("made"))


def test_dates_of_sentinel_1_may_be_in_a_tag(tmp_path, fakes, opened):
    for number, date in enumerate(("2020-09-01T01:00:00", "2020-03-01T01:00:00")):
        image = np.stack([fakes.backscatter(number), fakes.backscatter(9, mean=-18)])
        fakes.write_raster(tmp_path / f"p_{number}.tif", image, tags={"datetime": date})
    declared = fakes.STACK | {
        "pattern": r"(?P<place>p)_\d\.tif$", "bands": {"VV": 1, "VH": 2}, "date_tag": "datetime",
    }  # fmt: skip
    shard = opened(tmp_path, "p", **declared)
    (sample,) = shard.samples
    assert sample.sample_id == "p_20200301"
    np.testing.assert_array_equal(shard.read(0)[1, 0], fakes.backscatter(0))
    fakes.write_raster(tmp_path / "p_1.tif", image, tags={"datetime": "2020-09-01T01:00:00"})
    with pytest.raises(UserError, match=r"p_1.tif: has the same place, date and band as"):
        opened(tmp_path, "p", **declared)


def test_tags_say_scale_and_offset(places):
    (sample,), shard = places(scale=1 / 5000, offset=-0.2, corpus={"optical_offset": None})
    image = shard.read(sample, 0, WHOLE)
    expected = np.maximum((numbers("B03").astype(np.float64) - 1000) / 5000, 0)
    np.testing.assert_allclose(image.values[2], expected, atol=1e-6)
    assert image.offset == -1000


def test_names_of_products_say_the_offset(places):
    product = "p_S2B_MSIL2A_20200602T101031_N0509_R022"
    pattern = r"(?P<place>p)_S2B.*_(?P<date>\d{8})_(?P<band>B\w+)\.tif$"
    silent = {"optical_offset": None}
    (sample,), shard = places(OPTICAL | {"pattern": pattern}, product=product, corpus=silent)
    image = shard.read(sample, 0, WHOLE)
    assert (image.offset, image.source) == (-1000, "processing baseline 05.09 in its name")


def test_tags_that_name_the_product_say_the_offset(places):
    tags = {"PRODUCT_URI": "S2B_MSIL2A_20200602T101031_N0208_R022_T33UUP.SAFE"}
    (sample,), shard = places(tags=tags, corpus={"optical_offset": None})
    assert shard.read(sample, 0, WHOLE).source == "processing baseline 02.08 in its name"


def test_a_declared_offset_mends_numbers_that_no_longer_are_what_their_name_says(
    places, fakes, tmp_path
):
    product = "p_S2B_MSIL2A_20200602T101031_N0509_R022"
    pattern = r"(?P<place>p)_S2B.*_(?P<date>\d{8})_(?P<band>B\w+)\.tif$"
    (sample,), shard = places(OPTICAL | {"pattern": pattern}, product=product)
    stored = np.resize(np.array([350, 900, 1500], np.uint16), (SIDE, SIDE))
    fakes.write_raster(tmp_path / "s2" / f"{product}_20200602_B02.tif", stored)
    image = shard.read(sample, 0, WHOLE)
    np.testing.assert_allclose(image.values[1], stored / 10_000, rtol=1e-6)
    against = "the setting `optical_offset`, against processing baseline 05.09 in its name"
    assert (image.offset, image.source) == (0, against)


def test_an_offset_that_files_state_is_no_matter_of_settings(places):
    (sample,), shard = places(scale=1e-4, offset=-0.1)
    with pytest.raises(UserError, match=r"its own offset says that -1000 is .* says 0; correct"):
        shard.read(sample, 0, WHOLE)


def test_a_silent_file_asks_for_the_setting(places):
    (sample,), shard = places(corpus={"optical_offset": None})
    with pytest.raises(UserError, match=r"p_20200602_B01.tif: does not say whether the 1000"):
        shard.read(sample, 0, WHOLE)


def test_reflectance_is_taken_as_it_is(tmp_path, fakes, places):
    (sample,), shard = places(OPTICAL | {"units": "reflectance"}, corpus={"optical_offset": None})
    with pytest.raises(UserError, match=r"B01.tif, band 1: its median is .* to `dn`"):
        shard.read(sample, 0, WHOLE)
    values = np.linspace(-0.01, 0.6, SIDE * SIDE).reshape(SIDE, SIDE).astype(np.float32)
    for name in fakes.OPTICAL:
        fakes.write_raster(tmp_path / "s2" / f"p_20200602_{name}.tif", values)
    image = shard.read(sample, 0, WHOLE)
    np.testing.assert_array_equal(image.values[5], np.maximum(values, 0))
    assert image.offset == 0
    (sample,), shard = places(images=("20200603",))
    for name in fakes.OPTICAL:
        fakes.write_raster(tmp_path / "s2" / f"p_20200602_{name}.tif", values)
    with pytest.raises(UserError, match=r"looks like reflectance; set `optical.units`"):
        shard.read(sample, 0, WHOLE)


def test_numbers_that_mean_nothing(tmp_path, fakes, places):
    (sample,), shard = places()
    stored = numbers("B04")
    stored[3, 4], stored[7, 8] = 0, 65535
    fakes.write_raster(tmp_path / "s2" / "p_20200602_B04.tif", stored, nodata=65535)
    band = shard.read(sample, 0, WHOLE).values[3]
    assert np.argwhere(np.isnan(band)).tolist() == [[3, 4], [7, 8]]


def test_what_cannot_be_paired_is_told(tmp_path, fakes, places, settings_of):
    (sample,), shard = places(origin=(900_000, 5_200_000))
    with pytest.raises(PairError, match=r"B01.tif covers other ground than Sentinel-1"):
        shard.read(sample, 0, WHOLE)
    (sample,), shard = places(crs="EPSG:32633")
    with pytest.raises(PairError, match=r"is in EPSG:32633, Sentinel-1 in EPSG:32632; bring both"):
        shard.read(sample, 0, WHOLE)
    (sample,), shard = places(origin=(500_010, 5_200_000))
    found = shard.read(sample, 0, WHOLE).values
    assert np.isnan(found[1, :, 0]).all()
    assert np.isfinite(found[1, :, 1:]).all()
    (tmp_path / "s2" / "p_20200602_B8A.tif").unlink()
    (tmp_path / "s2" / "p_20200602_B01.tif").unlink()
    declared = fakes.STACK | {"path": "s1", "files": "*.tif", "dates": 1, "optical": OPTICAL}
    settings = settings_of(tmp_path, **declared)
    shard = open_optical(settings, ShardKey("mine", "p"), Path("made"))
    with pytest.raises(PairError, match=r"^Sentinel-2 of 2020-06-02 lacks B01, B8A$"):
        shard.read(sample, 0, WHOLE)


def test_an_image_without_a_date_asks_for_the_setting(places):
    pattern = r"(?P<place>p)_\d{8}_(?P<band>B\w+)\.tif$"
    with pytest.raises(UserError, match=r"names no date and Sentinel-2 is paired by date; write"):
        places(OPTICAL | {"pattern": pattern})
    (sample,), shard = places(OPTICAL | {"pattern": pattern, "undated": True})
    assert np.isnat(shard.dates(sample)[0])
    pattern = r"(?P<place>p)_(?P<date>9\d{7})?\d*_(?P<band>B\w+)\.tif$"
    (sample,), shard = places(OPTICAL | {"pattern": pattern})
    with pytest.raises(PairError, match=r"of place p has no date; set `optical.undated` to true"):
        shard.dates(sample)


def test_a_band_number_that_is_not_there_is_told(places, fakes):
    bands = dict.fromkeys(fakes.OPTICAL, 2)
    pattern = r"(?P<place>p)_(?P<date>\d{8})_B01\.tif$"
    (sample,), shard = places(OPTICAL | {"pattern": pattern, "bands": bands})
    with pytest.raises(UserError, match=r"has 1 bands, so there is no band 2; correct `optical.b"):
        shard.read(sample, 0, WHOLE)
