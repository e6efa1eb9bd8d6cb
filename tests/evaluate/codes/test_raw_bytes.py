"""Bytes of raw input, of files that are made here."""

import io
import tarfile

import fsspec
import numpy as np
import pytest
import rasterio
import zarr
from rasterio.transform import from_origin
from zarr.storage import ZipStore

from speckle2vec.errors import UserError
from speckle2vec.evaluate.codes.raw_bytes import raw_bytes
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.listing import all_shards
from speckle2vec.settings.corpus import OPTICAL_BANDS
from speckle2vec.settings.load import parse_settings

PUBLISHED = {"source": "ssl4eo", "folders": ["train"]}


STACKS = {
    "source": "geotiff", "files": "*.tif", "pattern": r"(?P<place>\w)_(?P<date>\d{8})", "dates": 2,
    "bands": {"VV": 1, "VH": 2},
    "units": "linear", "calibration": "gamma0",
}  # fmt: skip


def settings_of(folder, corpus):
    return parse_settings({"corpora": {"mine": {"path": ".", **corpus}}, "data": str(folder)}, "c")


def write_zarr(path, shape, dtype):
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipStore(path, mode="w") as store:
        array = zarr.create_group(store).create_array("bands", shape=shape, dtype=dtype)
        array[:] = np.random.default_rng(0).normal(size=shape)
    return path


def test_shards_of_ssl4eo(tmp_path):
    name = "train/S1GRD/ssl4eos12_train_seasonal_data_{:06d}.zarr.zip"
    paths = [write_zarr(tmp_path / name.format(n), (3, 4, 2, 16, 20), "float16") for n in (1, 2)]
    keys = [ShardKey("mine", f"train-{number:06d}") for number in (1, 2)]
    settings = settings_of(tmp_path, PUBLISHED)
    found = raw_bytes(settings, keys, "sar-temporal", tmp_path)
    assert found.disk == sum(path.stat().st_size for path in paths)
    assert found.memory == 2 * 3 * 4 * 2 * 16 * 20 * 2
    assert found.layout == "float16 4x2x16x20"
    one = raw_bytes(settings, keys[:1], "sar-temporal", tmp_path)
    assert (one.disk, one.memory) == (paths[0].stat().st_size, found.memory // 2)


def test_shards_behind_a_url_weigh_the_same(tmp_path):
    path = write_zarr(tmp_path / "s.zarr.zip", (3, 4, 2, 16, 20), "float16")
    system = fsspec.filesystem("memory")
    below = "train/S1GRD/ssl4eos12_train_seasonal_data_000001.zarr.zip"
    system.pipe_file(f"/weighed/{below}", path.read_bytes())
    settings = settings_of("memory://weighed", PUBLISHED)
    found = raw_bytes(settings, [ShardKey("mine", "train-000001")], "sar-temporal", tmp_path)
    assert found == (path.stat().st_size, 3 * 4 * 2 * 16 * 20 * 2, "float16 4x2x16x20")
    system.rm("/weighed", recursive=True)


def write_tar(folder, modality, shape, dtype):
    """Five places in one shard of the tarred release."""
    inner = write_zarr(folder / f"{modality}.zarr.zip", shape, dtype).read_bytes()
    path = folder / f"raw/train/{modality}/ssl4eos12_shard_000001.tar"
    path.parent.mkdir(parents=True)
    with tarfile.open(path, "w") as tar:
        for number in range(5):
            entry = tarfile.TarInfo(f"{number:07d}.zarr.zip")
            entry.size = len(inner)
            tar.addfile(entry, io.BytesIO(inner))
    return path


def test_shards_of_the_tarred_release(tmp_path):
    path = write_tar(tmp_path, "S1GRD", (4, 2, 8, 8), "float16")
    settings = settings_of(tmp_path / "raw", PUBLISHED)
    keys = [ShardKey("mine", "train-000001")]
    found = raw_bytes(settings, keys, "sar-temporal", tmp_path)
    assert found == (path.stat().st_size, 5 * 4 * 2 * 8 * 8 * 2, "float16 4x2x8x8")


def write_raster(path, bands, dtype="float32", side=30):
    profile = {"driver": "GTiff", "dtype": dtype, "count": bands, "height": side, "width": 40,
               "crs": "EPSG:32632", "transform": from_origin(0, 0, 10, 10)}  # fmt: skip
    path.parent.mkdir(exist_ok=True)
    with rasterio.open(path, "w", **profile) as file:
        file.write(np.ones((bands, side, 40), dtype))
    return path.stat().st_size


def test_rasters(tmp_path):
    sizes = [write_raster(tmp_path / f"a_{date}.tif", 2) for date in ("20200101", "20200113")]
    settings = settings_of(tmp_path, STACKS)
    found = raw_bytes(settings, all_shards(settings, tmp_path), "sar-temporal", tmp_path)
    assert found == (sum(sizes), 2 * 2 * 30 * 40 * 4, "float32 2x30x40")


def test_pairs_encode_one_date_of_each_satellite(tmp_path):
    name = "train/{}/ssl4eos12_train_seasonal_data_000001.zarr.zip"
    paths = [
        write_zarr(tmp_path / name.format("S1GRD"), (3, 4, 2, 16, 20), "float16"),
        write_zarr(tmp_path / name.format("S2L2A"), (3, 4, 12, 16, 20), "int16"),
    ]
    settings, keys = settings_of(tmp_path, PUBLISHED), [ShardKey("mine", "train-000001")]
    found = raw_bytes(settings, keys, "fusion", tmp_path)
    assert found.memory == 3 * (2 + 12) * 16 * 20 * 2
    assert found.disk == round(sum(path.stat().st_size for path in paths) / 4)
    assert found.layout == "float16 2x16x20 + int16 12x16x20"


def test_pairs_of_the_tarred_release(tmp_path):
    write_tar(tmp_path, "S1GRD", (4, 2, 8, 8), "float16")
    write_tar(tmp_path, "S2L2A", (4, 12, 8, 8), "int16")
    settings = settings_of(tmp_path / "raw", PUBLISHED)
    found = raw_bytes(settings, [ShardKey("mine", "train-000001")], "fusion", tmp_path)
    assert (found.memory, found.layout) == (5 * 14 * 8 * 8 * 2, "float16 2x8x8 + int16 12x8x8")


def test_pairs_of_stacks(tmp_path):
    """Place a: 2 samples of 2 dates from 5, one date left over; 3 images. Place b: 1 of 2; 1."""
    radar = {"a": ["01", "02", "03", "04", "05"], "b": ["01", "02"]}
    optical = {"a": ["02", "03", "09"], "b": ["01"]}
    sizes = {
        (folder, place): [
            write_raster(tmp_path / folder / f"{place}_202001{day}.tif", bands, dtype)
            for day in days
        ]
        for folder, bands, dtype, dates in (
            ("radar", 2, "float32", radar), ("optical", 12, "uint16", optical)
        )
        for place, days in dates.items()
    }  # fmt: skip
    numbered = {"files": "*.tif", "pattern": STACKS["pattern"]}
    stacks = {**STACKS, **numbered, "path": "radar", "optical": {
        **numbered, "path": "optical", "bands": {one: at for at, one in enumerate(OPTICAL_BANDS, 1)}
    }}  # fmt: skip
    settings = settings_of(tmp_path, stacks)
    found = raw_bytes(settings, all_shards(settings, tmp_path), "fusion", tmp_path)
    samples = {"a": 3, "b": 1}  # the date left over is a row of the catalogue too
    assert found.memory == 4 * (2 * 4 + 12 * 2) * 30 * 40
    assert found.disk == round(sum(samples[place] * np.mean(each)
                                   for (_, place), each in sizes.items()))  # fmt: skip
    assert found.layout == "float32 2x30x40 + uint16 12x30x40"


def test_damaged_files_are_a_sentence(tmp_path):
    path = tmp_path / "train/S1GRD/ssl4eos12_train_seasonal_data_000001.zarr.zip"
    write_zarr(path, (1, 4, 2, 8, 8), "float16")
    path.write_bytes(path.read_bytes()[:100])
    settings = settings_of(tmp_path, PUBLISHED)
    with pytest.raises(UserError, match="the file is incomplete or damaged"):
        raw_bytes(settings, [ShardKey("mine", "train-000001")], "sar-temporal", tmp_path)
