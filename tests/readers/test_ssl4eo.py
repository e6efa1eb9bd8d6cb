import zipfile

import numpy as np
import pyproj
import pytest
from fsspec.implementations.asyn_wrapper import AsyncFileSystemWrapper

from speckle2vec.errors import UserError
from speckle2vec.readers.units import UnitsError

CORPUS = {"source": "ssl4eo", "path": ".", "folders": ["train"]}


def truth(dataset, row):
    return dataset["bands"].values[row].astype(np.float32)


@pytest.fixture
def read_back(opened, fakes, tmp_path):
    """Write one file of the Zarr release and open it through the registry."""

    def make(dataset, **kwargs):
        fakes.write_zarr(tmp_path, dataset, **kwargs)
        return opened(tmp_path, "train-000001", **CORPUS)

    return make


def test_a_shard_says_everything_of_its_samples(read_back, fakes):
    dataset = fakes.published(samples=3)
    shard = read_back(dataset)
    assert [sample.sample_id for sample in shard.samples] == ["0000000", "0000001", "0000002"]
    assert [sample.row for sample in shard.samples] == [0, 1, 2]
    for row, sample in enumerate(shard.samples):
        assert sample.place == sample.sample_id
        assert not sample.problem
        assert list(sample.dates) == list(dataset["time_"].values[row].astype("datetime64[ms]"))
        assert sample.grid.crs.epsg == 32632
        assert sample.grid.shape == (40, 40)
        west = 400_000 + row * 1e5
        assert tuple(sample.grid.affine)[:6] == (10, 0, west, 0, -10, 5_200_000)
        np.testing.assert_array_equal(shard.read(row), truth(dataset, row))
    assert shard.read(0).dtype == np.float32
    shard.close()


@pytest.mark.parametrize(
    "chunks",
    [(3, 1, 2, 40, 40), (1, 4, 2, 40, 40), (2, 1, 1, 17, 23), (5, 4, 2, 40, 40)],
    ids=str,
)
@pytest.mark.parametrize("zarr_format", [2, 3])
def test_any_chunks_and_format(read_back, fakes, chunks, zarr_format):
    dataset = fakes.published(samples=5)
    shard = read_back(dataset, chunks=chunks, zarr_format=zarr_format)
    for row in (3, 0, 4, 1, 2, 2):
        np.testing.assert_array_equal(shard.read(row), truth(dataset, row))
    shard.close()


@pytest.mark.parametrize("bands", [("vh", "vv"), ("VH", "VV"), ("angle", "VH", "vv")])
def test_bands_are_found_by_name(read_back, fakes, bands):
    shard = read_back(fakes.published(bands=bands))
    means = shard.read(0).mean(axis=(0, 2, 3))
    np.testing.assert_allclose(means, [-11, -18], atol=0.5)
    shard.close()


@pytest.mark.parametrize("bands", [("vv",), ("vv", "hv"), ("B02", "B03"), ("vv", "vv")])
def test_bands_without_both_polarisations_are_told(read_back, fakes, bands):
    named = f"named {', '.join(bands)}; VV and VH are needed"
    with pytest.raises(UserError, match=f"000001.zarr.zip: has . bands, {named}"):
        read_back(fakes.published(bands=bands))


def test_a_file_without_band_names_is_told(read_back, fakes):
    with pytest.raises(UserError, match="has 2 bands, named none"):
        read_back(fakes.published().drop_vars("band"))


def test_a_file_without_ids_is_told(read_back, fakes):
    with pytest.raises(UserError, match="has no coordinate `sample`"):
        read_back(fakes.published().drop_vars("sample"))


def test_a_wrong_shape_is_told(read_back, fakes):
    with pytest.raises(UserError, match=r"`bands` has the shape \(3, 2, 40, 40\) and the dim"):
        read_back(fakes.published().isel(time=0))
    with pytest.raises(UserError, match="holds no `bands`"):
        read_back(fakes.published().drop_vars("bands"))


def test_axes_that_do_not_fit_the_pixels_are_told(read_back, fakes):
    dataset = fakes.published()
    cut = dataset.assign(x_=(("sample", "column"), dataset["x_"].values[:, :30]))
    with pytest.raises(UserError, match=r"`x_` has the sizes .*30.* but `bands` .*'x': 40"):
        read_back(cut, renamed=("column", "x"))


def test_axes_shared_by_all_samples_are_read(read_back, fakes):
    dataset = fakes.published()
    shared = dataset.assign(x_=dataset["x_"].isel(sample=1), y_=dataset["y_"].isel(sample=1))
    shard = read_back(shared.reset_coords(drop=False))
    assert {tuple(sample.grid.affine)[2] for sample in shard.samples} == {500_000.0}
    shard.close()


def test_without_axes_the_grid_is_guessed_around_the_centre(read_back, fakes):
    shard = read_back(fakes.published().drop_vars(["x_", "y_", "crs"]))
    grid = shard.samples[0].grid
    assert grid.crs.epsg == 32632
    a, _, c, _, e, f = tuple(grid.affine)[:6]
    x, y = c + 20 * a, f + 20 * e
    back = pyproj.Transformer.from_crs("EPSG:32632", "EPSG:4326", always_xy=True).transform(x, y)
    np.testing.assert_allclose(back, (8.0, 47.0), atol=1e-9)
    shard.close()


def test_without_any_position_there_is_no_grid(read_back, fakes):
    drop = ["x_", "y_", "crs", "center_lat", "center_lon"]
    shard = read_back(fakes.published().drop_vars(drop))
    assert shard.samples[0].grid is None
    shard.close()


def test_without_dates_they_are_unknown(read_back, fakes):
    shard = read_back(fakes.published().drop_vars("time_"))
    assert len(shard.samples[0].dates) == 4
    assert np.isnat(shard.samples[0].dates).all()
    shard.close()


def test_fill_values_and_infinities_become_nan(read_back, fakes):
    dataset = fakes.published()
    dataset["bands"].values[0, 0, 0, 0, :4] = [np.nan, -np.inf, -9999, np.inf]
    shard = read_back(dataset)
    image = shard.read(0)[0, 0]
    assert np.isnan(image[0, :4]).all()
    assert np.isfinite(image[0, 4:]).all()
    shard.close()


def test_linear_values_are_told(read_back, fakes):
    dataset = fakes.published()
    dataset["bands"] = 10 ** (dataset["bands"].astype("float32") / 10)
    shard = read_back(dataset)
    with pytest.raises(UnitsError, match="sample 0000001, VV of date 1: no value of 1600 is below"):
        shard.read(1)
    shard.close()


def test_a_truncated_zip_is_told(opened, fakes, tmp_path):
    path = fakes.write_zarr(tmp_path, fakes.published())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError, match=f"{path.name}: cannot be read .*download it again"):
        opened(tmp_path, "train-000001", **CORPUS)


def test_a_corrupt_chunk_is_told(opened, fakes, tmp_path):
    path = fakes.write_zarr(tmp_path, fakes.published(), chunks=(1, 4, 2, 40, 40))
    with zipfile.ZipFile(path) as archive:
        entry = next(item for item in archive.infolist() if item.filename == "bands/1.0.0.0.0")
    content = bytearray(path.read_bytes())
    at = entry.header_offset + len(entry.FileHeader()) + entry.compress_size // 2
    content[at] ^= 0xFF
    path.write_bytes(bytes(content))
    shard = opened(tmp_path, "train-000001", **CORPUS)
    assert np.isfinite(shard.read(0)).all()
    with pytest.raises(UserError, match=f"{path.name}: cannot be read .*CRC.*download it again"):
        shard.read(1)
    shard.close()


def test_a_zip_that_is_something_else_is_told(opened, tmp_path):
    path = tmp_path / "train" / "S1GRD" / "a_000001.zarr.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(UserError, match=r"a_000001.zarr.zip: cannot be read"):
        opened(tmp_path, "train-000001", **CORPUS)


def test_a_missing_file_and_a_missing_shard_are_told(opened, fakes, tmp_path):
    with pytest.raises(UserError, match=r"000001.zarr.zip: there is no such file"):
        opened(tmp_path, "train-000001", source="simulated", size="tiny")
    fakes.write_zarr(tmp_path, fakes.published())
    with pytest.raises(UserError, match="no shard 'mine/train-000007'; corpus mine holds train"):
        opened(tmp_path, "train-000007", **CORPUS)


def test_a_url_is_read_by_ranges(opened, fakes, memory, monkeypatch):
    dataset = fakes.published(samples=8, side=200)
    content = fakes.zipped(dataset, chunks=(1, 4, 2, 200, 200))
    memory.put({"train/S1GRD/x_000001.zarr.zip": content}, "all")
    asked = []
    original = type(memory.system).cat_file

    def counted(self, path, start=None, end=None, **options):
        asked.append(end - start)
        return original(self, path, start=start, end=end, **options)

    monkeypatch.setattr("fsspec.implementations.memory.MemoryFileSystem.cat_file", counted)
    monkeypatch.setattr("speckle2vec.readers.remote.BLOCK_BYTES", 2**16)
    shard = opened("memory://all", "train-000001", **CORPUS)
    np.testing.assert_array_equal(shard.read(5), truth(dataset, 5))
    assert 0 < sum(asked) < len(content) / 3
    shard.close()


def test_threads_read_the_same(read_back, fakes):
    from concurrent.futures import ThreadPoolExecutor

    dataset = fakes.published(samples=6)
    shard = read_back(dataset, chunks=(2, 1, 2, 40, 40))
    rows = [row for _ in range(5) for row in range(6)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(shard.read, rows))
    for row, values in zip(rows, found, strict=True):
        np.testing.assert_array_equal(values, truth(dataset, row))
    shard.close()


def test_the_members_of_a_zip_are_listed_before_threads_look_for_them(
    read_back, fakes, monkeypatch
):
    """Listed by the first of several threads, members that are there looked absent to others."""
    members = []

    def wrapped(archive, **options):
        members.append({name for name, one in archive.dir_cache.items() if one["type"] == "file"})
        return AsyncFileSystemWrapper(archive, **options)

    monkeypatch.setattr("speckle2vec.readers.archives.AsyncFileSystemWrapper", wrapped)
    dataset = fakes.published(samples=2)
    shard = read_back(dataset)
    np.testing.assert_array_equal(shard.read(1), truth(dataset, 1))
    shard.close()
    assert any(name.startswith("bands/") for name in members[0])
