import numpy as np
import pytest
import rasterio

from speckle2vec.errors import UserError
from speckle2vec.readers.units import UnitsError

DATES = ["20200301", "20200110", "20200520"]


@pytest.fixture
def stack(fakes):
    return fakes.STACK


def ids(shard):
    return [sample.sample_id for sample in shard.samples]


def test_a_stack_is_cut_into_consecutive_groups(opened, fakes, stack, tmp_path):
    fakes.write_stack(tmp_path, "p", DATES)
    shard = opened(tmp_path, "p", **stack)
    assert ids(shard) == ["p_20200110", "p_20200520"]
    first, last = shard.samples
    assert [str(date)[:10] for date in first.dates] == ["2020-01-10", "2020-03-01"]
    assert not first.problem
    assert last.problem == "1 date left over after groups of 2"
    assert first.grid.shape == (40, 40)
    assert tuple(first.grid.affine)[:6] == (10, 0, 500_000, 0, -10, 5_200_000)
    values = shard.read(0)
    assert values.shape == (2, 2, 40, 40)
    for date, name in enumerate(("20200110", "20200301")):
        for band, polarisation in enumerate(("VV", "VH")):
            with rasterio.open(tmp_path / f"p_{name}_{polarisation}.tif") as raster:
                np.testing.assert_array_equal(values[date, band], raster.read(1))


def test_dates_beyond_a_multiple_are_recorded(opened, fakes, stack, tmp_path):
    fakes.write_stack(tmp_path, "p", [f"202001{day:02d}" for day in range(1, 12)])
    shard = opened(tmp_path, "p", **stack | {"dates": 4})
    assert ids(shard) == ["p_20200101", "p_20200105", "p_20200109"]
    assert [len(sample.dates) for sample in shard.samples] == [4, 4, 3]
    assert shard.samples[2].problem == "3 dates left over after groups of 4"


def test_a_missing_polarisation_is_recorded_and_costs_one_date(opened, fakes, stack, tmp_path):
    fakes.write_stack(tmp_path, "p", DATES)
    (tmp_path / "p_20200301_VV.tif").unlink()
    shard = opened(tmp_path, "p", **stack)
    assert ids(shard) == ["p_20200110", "p_20200301"]
    whole, alone = shard.samples
    assert not whole.problem
    assert [str(date)[:10] for date in whole.dates] == ["2020-01-10", "2020-05-20"]
    assert alone.problem.startswith("2020-03-01 has only VH, in ")
    assert alone.problem.endswith("p_20200301_VH.tif")


def test_tiles_are_windows_of_the_raster(opened, fakes, stack, tmp_path):
    fakes.write_stack(tmp_path, "p", DATES[:2], side=70)
    whole = opened(tmp_path, "p", **stack).read(0)
    shard = opened(tmp_path, "p", **stack | {"tile": 32})
    assert ids(shard) == [f"p_{row}_{column}_20200110" for row in (0, 1) for column in (0, 1)]
    for sample in shard.samples:
        row, column = map(int, sample.sample_id.split("_")[1:3])
        assert sample.place == "p"
        assert sample.grid.shape == (32, 32)
        corner = (500_000 + 320 * column, 5_200_000 - 320 * row)
        assert (sample.grid.affine.c, sample.grid.affine.f) == corner
        part = whole[:, :, 32 * row : 32 * row + 32, 32 * column : 32 * column + 32]
        np.testing.assert_array_equal(shard.read(sample.row), part)


def test_a_tile_never_reads_the_whole_raster(opened, fakes, stack, tmp_path, monkeypatch):
    fakes.write_stack(tmp_path, "p", DATES[:2], side=70)
    windows = []
    original = rasterio.DatasetReader.read

    class Spy(rasterio.DatasetReader):
        def read(self, *args, **kwargs):
            windows.append(kwargs["window"])
            return original(self, *args, **kwargs)

    monkeypatch.setattr("speckle2vec.readers.geotiff.rasterio.open", Spy_open(Spy))
    opened(tmp_path, "p", **stack | {"tile": 32}).read(3)
    assert {(w.col_off, w.row_off, w.width, w.height) for w in windows} == {(32, 32, 32, 32)}


class Spy_open:  # noqa: N801
    def __init__(self, reader):
        self.reader = reader

    def __call__(self, location):
        from rasterio._path import _parse_path

        return self.reader(_parse_path(location))


def test_a_raster_smaller_than_a_tile_is_recorded(opened, fakes, stack, tmp_path):
    fakes.write_stack(tmp_path, "p", DATES[:2])
    (sample,) = opened(tmp_path, "p", **stack | {"tile": 64}).samples
    assert sample.problem == "is 40 x 40 pixels, less than one tile of 64"


def test_bands_of_one_file_without_dates(opened, fakes, stack, tmp_path):
    values = np.stack([fakes.backscatter(0, mean=-12), fakes.backscatter(1, mean=-18)])
    fakes.write_raster(tmp_path / "spot.tif", values)
    corpus = stack | {"pattern": r"(?P<place>\w+)\.tif", "dates": 1}
    for bands, order in (({"VV": 1, "VH": 2}, [0, 1]), ({"VV": 2, "VH": 1}, [1, 0])):
        shard = opened(tmp_path, "spot", **corpus | {"bands": bands})
        assert ids(shard) == ["spot"]
        assert np.isnat(shard.samples[0].dates[0])
        np.testing.assert_array_equal(shard.read(0)[0], values[order])
    with pytest.raises(UserError, match=r"spot.tif: has 2 bands, so there is no band 3"):
        opened(tmp_path, "spot", **corpus | {"bands": {"VV": 3, "VH": 1}})


def test_swapped_bands_are_told_where_the_file_names_them(opened, fakes, stack, tmp_path):
    path = fakes.write_raster(tmp_path / "spot.tif", np.stack([fakes.backscatter()] * 2))
    with rasterio.open(path, "r+") as raster:
        raster.descriptions = ("VV", "VH")
    corpus = stack | {"pattern": r"(?P<place>\w+)\.tif", "dates": 1}
    opened(tmp_path, "spot", **corpus | {"bands": {"VV": 1, "VH": 2}})
    with pytest.raises(UserError, match=r"spot.tif: band 2 calls itself VH but .* call it VV"):
        opened(tmp_path, "spot", **corpus | {"bands": {"VV": 2, "VH": 1}})


def test_linear_power_becomes_decibels_after_masking(opened, fakes, stack, tmp_path):
    power = 10 ** (fakes.backscatter() / 10)
    power[0, :4] = [0, -0.2, np.nan, -32768]
    for band in ("VV", "VH"):
        fakes.write_raster(tmp_path / f"p_20200101_{band}.tif", power, nodata=-32768)
    shard = opened(tmp_path, "p", **stack | {"units": "linear", "dates": 1})
    values = shard.read(0)[0, 0]
    assert np.isnan(values[0, :4]).all()
    np.testing.assert_allclose(values[1:], fakes.backscatter()[1:], atol=1e-4)
    assert values.dtype == np.float32


def test_declared_nodata_and_scale_are_respected(opened, fakes, stack, tmp_path):
    stored = np.round((fakes.backscatter() + 83) * 100).astype(np.uint16)
    stored[0, 0] = 65535
    for band in ("VV", "VH"):
        path = fakes.write_raster(tmp_path / f"p_20200101_{band}.tif", stored, nodata=65535)
        with rasterio.open(path, "r+") as raster:
            raster.scales, raster.offsets = (0.01,), (-83.0,)
    values = opened(tmp_path, "p", **stack | {"dates": 1}).read(0)[0, 0]
    assert np.isnan(values[0, 0])
    np.testing.assert_allclose(values[1:], fakes.backscatter()[1:], atol=0.006)


@pytest.mark.parametrize(("declared", "stored"), [("db", "linear"), ("linear", "db")])
def test_other_units_than_declared_are_told(opened, fakes, stack, tmp_path, declared, stored):
    fakes.write_stack(tmp_path, "p", DATES[:2], linear=stored == "linear")
    shard = opened(tmp_path, "p", **stack | {"units": declared})
    with pytest.raises(UnitsError, match=f"p_20200110_VV.tif, band 1: .*set `units: {stored}`"):
        shard.read(0)


@pytest.mark.parametrize(
    "change", [{"origin": (500_010, 5_200_000)}, {"crs": "EPSG:32633"}, {"side": 41}], ids=str
)
def test_files_on_other_grids_are_recorded(opened, fakes, stack, tmp_path, change):
    fakes.write_stack(tmp_path, "p", ["20200101"])
    fakes.write_stack(tmp_path, "p", ["20200201"], **change)
    (sample,) = opened(tmp_path, "p", **stack).samples
    assert "p_20200201_VV.tif has another grid than " in sample.problem


def test_files_without_a_crs_are_recorded(opened, fakes, stack, tmp_path):
    fakes.write_stack(tmp_path, "p", DATES[:2], crs=None)
    (sample,) = opened(tmp_path, "p", **stack).samples
    assert sample.grid is None
    assert "has no coordinate reference system, in " in sample.problem


def test_damaged_files_are_told(opened, fakes, stack, tmp_path):
    fakes.write_stack(tmp_path, "p", DATES[:2], side=300)
    path = tmp_path / "p_20200301_VH.tif"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(UserError, match=r"20200301_VH.tif: cannot be read .*download it again"):
        opened(tmp_path, "p", **stack).read(0)
    path.write_bytes(b"no tif")
    with pytest.raises(UserError, match=r"20200301_VH.tif: cannot be read .*download it again"):
        opened(tmp_path, "p", **stack)


def test_several_places_share_a_shard(opened, fakes, stack, tmp_path):
    for place in ("b", "a", "c"):
        fakes.write_stack(tmp_path, place, DATES[:2])
    shard = opened(tmp_path, "places-0", **stack | {"places_per_shard": 2})
    assert ids(shard) == ["b_20200110", "c_20200110"]
    assert [sample.row for sample in shard.samples] == [0, 1]


def test_stacks_behind_a_url(opened, fakes, stack, tmp_path, memory):
    fakes.write_stack(tmp_path, "p", DATES[:2])
    local = opened(tmp_path, "p", **stack)
    memory.put({path.name: path.read_bytes() for path in tmp_path.glob("*.tif")}, "all")
    remote = opened("memory://all", "p", **stack)
    assert remote.samples == local.samples
    np.testing.assert_array_equal(remote.read(0), local.read(0))
