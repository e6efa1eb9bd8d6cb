from pathlib import Path

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import PairError
from speckle2vec.readers.optical import open_optical
from speckle2vec.readers.registry import open_shard

WHOLE = slice(0, 40), slice(0, 40)
KEY = ShardKey("mine", "train-000001")


@pytest.fixture
def both(tmp_path, fakes, settings_of):
    """Write both files of a shard and open them."""

    def make(optical, radar=None, chunks=None, **corpus):
        fakes.write_zarr(tmp_path, fakes.published() if radar is None else radar)
        fakes.write_zarr(tmp_path, optical, modality="S2L2A", chunks=chunks)
        declared = {"source": "ssl4eo", "path": ".", "folders": ["train"], **corpus}
        settings = settings_of(tmp_path, **declared)
        made = Path("made")
        return open_shard(settings, KEY, made).samples, open_optical(settings, KEY, made)

    return make


@pytest.mark.parametrize("chunks", [(1, 1, 12, 40, 40), (3, 1, 12, 40, 40), (2, 4, 5, 40, 17)])
def test_images_are_found_by_id_whatever_the_rows_and_chunks(both, fakes, chunks):
    raw = fakes.optical(offset=0)
    samples, shard = both(raw.isel(sample=[2, 0, 1]), chunks=chunks)
    expected = raw["bands"].values.astype(np.float64) / 10_000
    for sample in (*samples, samples[0]):
        days = [str(day)[:10] for day in shard.dates(sample)]
        assert days == ["2020-01-09", "2020-04-09", "2020-07-09", "2020-10-08"]
        for date in (3, 1):
            image = shard.read(sample, date, WHOLE)
            assert image.values.dtype == np.float32
            np.testing.assert_allclose(image.values, expected[sample.row, date], rtol=1e-6)
            assert (image.offset, image.source) == (0, "the file's own offset")


def test_bands_are_found_by_name(both, fakes):
    order = ("B12", "B2", "B1", *(f"b{n}" for n in (3, 4, 5, 6, 7, 8)), "B8A", "B9", "B11")
    raw = fakes.optical(bands=order, offset=0)
    samples, shard = both(raw)
    expected = raw["bands"].values[0, 0].astype(np.float64) / 10_000
    found = shard.read(samples[0], 0, WHOLE).values
    np.testing.assert_allclose(found[[0, 1, 11]], expected[[2, 1, 0]], rtol=1e-6)


def test_a_window_and_nodata(both, fakes):
    raw = fakes.optical(offset=-1000)
    raw["bands"].values[0, 0, 4, 5, 7] = 0
    samples, shard = both(raw)
    found = shard.read(samples[0], 0, (slice(5, 25), slice(7, 37)))
    assert found.values.shape == (12, 20, 30)
    assert np.isnan(found.values[4, 0, 0])
    assert np.isnan(found.values).sum() == 1
    assert np.nanmin(found.values) == 0
    assert found.offset == -1000


def test_baselines_count_image_by_image(both, fakes):
    raw = fakes.optical(name="S2A_MSIL2A_20200109T101031_N0213_R022_T32TQM")
    raw["file_id"].values[:, 3] = "S2A_MSIL2A_20200109T101031_N0510_R022_T32TQM"
    samples, shard = both(raw)
    assert [shard.read(samples[1], date, WHOLE).offset for date in (0, 3)] == [0, -1000]


def test_a_silent_file_asks_for_the_setting(both, fakes):
    samples, shard = both(fakes.optical())
    with pytest.raises(UserError, match=r"000001.zarr.zip, sample 0000001: does not say whether"):
        shard.read(samples[1], 0, WHOLE)
    samples, shard = both(fakes.optical(), optical_offset=-1000)
    assert shard.read(samples[1], 0, WHOLE).offset == -1000
    samples, shard = both(fakes.optical(offset=0), optical_offset=-1000)
    with pytest.raises(UserError, match=r"`optical_offset` of the corpus says -1000; correct it"):
        shard.read(samples[1], 0, WHOLE)


def test_conventional_attributes_count(both, fakes):
    raw = fakes.optical()
    numbers = raw["bands"].values[0, 0].copy()
    raw["bands"].attrs.update(scale_factor=1 / 5000, add_offset=-0.2, _FillValue=17)
    samples, shard = both(raw)
    expected = np.maximum((numbers.astype(np.float64) - 1000) / 5000, 0)
    expected[numbers == 17] = np.nan
    np.testing.assert_allclose(shard.read(samples[0], 0, WHOLE).values, expected, atol=1e-6)


def test_what_cannot_be_paired_is_told(both, fakes):
    samples, shard = both(fakes.optical(offset=0).isel(sample=[0, 1]))
    with pytest.raises(PairError, match=r"^is not in .*S2L2A.*000001.zarr.zip$"):
        shard.dates(samples[2])
    moved = fakes.optical(offset=0)
    moved["x_"] = moved["x_"] + 6
    samples, shard = both(moved)
    with pytest.raises(PairError, match=r"covers other ground than Sentinel-1, in .* 0000000"):
        shard.read(samples[0], 0, WHOLE)
    moved["x_"] = moved["x_"] - 2
    samples, shard = both(moved)
    assert shard.read(samples[0], 0, WHOLE).values.shape == (12, 40, 40)


def test_a_file_of_other_bands_is_told(both, fakes):
    with pytest.raises(UserError, match=r"has 2 bands, named B01, B02; B01 and .* S2L2A file"):
        both(fakes.optical(bands=("B01", "B02"), offset=0))


def test_a_damaged_file_is_told(both, fakes, tmp_path, settings_of):
    both(fakes.optical(offset=0))
    (path,) = tmp_path.glob("train/S2L2A/*.zip")
    path.write_bytes(path.read_bytes()[:-500])
    declared = {"source": "ssl4eo", "path": ".", "folders": ["train"]}
    with pytest.raises(UserError, match=r"incomplete or damaged, download it again"):
        open_optical(settings_of(tmp_path, **declared), KEY, Path("made"))


@pytest.mark.parametrize("named", ["id", "number"])
def test_members_of_a_tar(tmp_path, fakes, settings_of, named):
    members, radar = {}, {}
    for seed in range(3):
        whole = fakes.optical(samples=1, seed=seed).isel(sample=0)
        kept = whole[["bands", "center_lat", "center_lon"]].drop_vars("band")
        one = kept.assign_coords(time=whole["time_"].values)
        if named == "id":
            one = one.drop_vars("sample")
        name = f"{seed:03d}0000" if named == "id" else f"part_{9 - seed}"
        members[f"{name}.zarr.zip"] = fakes.zipped(one)
        radar[f"{seed:03d}0000.zarr.zip"] = fakes.zipped(fakes.member(seed))
    fakes.write_tar(tmp_path, radar)
    fakes.write_tar(tmp_path, members, modality="S2L2A")
    declared = {"source": "ssl4eo", "path": ".", "folders": ["train"], "optical_offset": 0}
    settings = settings_of(tmp_path, **declared)
    samples = open_shard(settings, KEY, Path("made")).samples
    shard = open_optical(settings, KEY, Path("made"))
    for seed in (2, 0, 1):
        assert str(shard.dates(samples[seed])[0])[:7] == "2020-01"
        expected = fakes.optical(samples=1, seed=seed)["bands"].values[0, 2] / 10_000
        found = shard.read(samples[seed], 2, WHOLE).values
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    shard.close()
