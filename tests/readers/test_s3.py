"""A corpus in an object store, on this machine."""

import sys
from pathlib import Path

import fsspec
import numpy as np
import pytest
from tests.object_store import KEY, SECRET, object_store

from speckle2vec.errors import UserError
from speckle2vec.readers.archives import open_binary
from speckle2vec.readers.listing import list_shards

CORPUS = {"source": "ssl4eo", "path": ".", "folders": ["train"]}
SHARD = "ssl4eos12_train_seasonal_data_000001.zarr.zip"


@pytest.fixture(scope="module")
def serving():
    with object_store() as store:
        yield store


@pytest.fixture
def store(serving, monkeypatch, tmp_path):
    """An empty bucket `corpus`; a person has set the keys."""
    for name, value in serving.environment.items():
        monkeypatch.setenv(name, value)
    # What this machine's own user may have set does not count.
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    forget()
    system = fsspec.filesystem("s3")
    if system.exists("corpus"):
        system.rm("corpus", recursive=True)
    system.mkdir("corpus")
    serving.requests.clear()
    serving.breaks.clear()
    yield serving
    forget()


def forget():
    """Later file systems read the environment anew."""
    fsspec.get_filesystem_class("s3").clear_instance_cache()


def put(folder, below=""):
    """Upload all files of a folder; their sizes."""
    system, sizes = fsspec.filesystem("s3"), {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            key = f"/corpus/{below}{file.relative_to(folder)}"
            system.pipe_file(key.lstrip("/"), file.read_bytes())
            sizes[key] = file.stat().st_size
    forget()
    return sizes


def test_one_shard_is_read_and_no_other(store, opened, fakes, settings_of, tmp_path):
    data = fakes.published(samples=8, side=100)
    fakes.write_zarr(tmp_path, data, chunks=(8, 1, 2, 100, 100))
    fakes.write_zarr(tmp_path, fakes.published(samples=8, side=100, seed=1), number=2)
    sizes = put(tmp_path)
    store.requests.clear()
    settings = settings_of("s3://corpus", **CORPUS)
    assert list(list_shards(settings, "mine", Path("made"))) == ["train-000001", "train-000002"]
    assert store.sent("/corpus/") == {}
    shard = opened("s3://corpus", "train-000001", **CORPUS)
    truth = data["bands"].values.astype(np.float32)
    for row in range(8):
        np.testing.assert_array_equal(shard.read(row), truth[row])
    shard.close()
    (key,) = store.sent("/corpus/")
    assert key.endswith(SHARD)
    assert store.sent("/corpus/")[key] < 1.1 * sizes[key] + 2**20
    assert all(one.range for one in store.requests if one.path == key and one.method == "GET")


def test_of_one_sample_only_what_it_needs_is_read(store, opened, fakes, tmp_path):
    data = fakes.published(samples=16, side=300)
    fakes.write_zarr(tmp_path, data, chunks=(1, 4, 2, 300, 300))
    ((key, size),) = put(tmp_path).items()
    store.requests.clear()
    shard = opened("s3://corpus", "train-000001", **CORPUS)
    truth = data["bands"].values[9].astype(np.float32)
    np.testing.assert_array_equal(shard.read(9), truth)
    shard.close()
    assert size > 15e6
    assert 0 < store.sent(key)[key] < size / 3
    assert len([one for one in store.requests if one.path == key]) <= 8


def test_a_tar_is_read_in_place(store, opened, fakes, tmp_path):
    members = {f"{seed}.zarr.zip": fakes.zipped(fakes.member(seed=seed)) for seed in range(3)}
    fakes.write_tar(tmp_path, members)
    local = opened(tmp_path, "train-000001", **CORPUS)
    put(tmp_path)
    shard = opened("s3://corpus", "train-000001", **CORPUS)
    for row in range(3):
        np.testing.assert_array_equal(shard.read(row), local.read(row))
    assert [one.sample_id for one in shard.samples] == [one.sample_id for one in local.samples]


def test_rasters_of_one_place_are_read_and_no_other(store, opened, fakes, tmp_path):
    dates = ["20200110", "20200301"]
    for place in ("here", "there"):
        fakes.write_stack(tmp_path, place, dates)
    local = opened(tmp_path, "here", **fakes.STACK)
    put(tmp_path)
    store.requests.clear()
    shard = opened("s3://corpus", "here", **fakes.STACK)
    np.testing.assert_array_equal(shard.read(0), local.read(0))
    assert shard.samples == local.samples
    assert set(store.sent()) == {
        f"/corpus/here_{date}_{band}.tif" for date in dates for band in ("VV", "VH")
    }


def test_a_raster_that_always_breaks_off_is_given_up(store, opened, fakes, tmp_path):
    fakes.write_stack(tmp_path, "here", ["20200110", "20200301"])
    key = "/corpus/here_20200301_VH.tif"
    put(tmp_path)
    store.breaks[key] = 1000
    with pytest.raises(UserError, match=r"20200301_VH\.tif: cannot be read .*run the same"):
        opened("s3://corpus", "here", **fakes.STACK).read(0)
    assert 1000 - store.breaks[key] <= 24


def test_an_answer_that_breaks_off_is_asked_for_again(store, opened, fakes, tmp_path):
    data = fakes.published(samples=2)
    fakes.write_zarr(tmp_path, data)
    (key,) = put(tmp_path)
    store.breaks[key] = 2
    shard = opened("s3://corpus", "train-000001", **CORPUS)
    np.testing.assert_array_equal(shard.read(1), data["bands"].values[1].astype(np.float32))
    assert store.breaks[key] == 0


def test_a_server_that_always_breaks_off_is_given_up(store, opened, fakes, tmp_path):
    fakes.write_zarr(tmp_path, fakes.published(samples=2))
    (key,) = put(tmp_path)
    store.breaks[key] = 1000
    with pytest.raises(UserError, match=r"s3://corpus/train/.*\.zarr\.zip: cannot be read"):
        opened("s3://corpus", "train-000001", **CORPUS)
    assert 1000 - store.breaks[key] <= 6


def test_a_missing_key_is_a_sentence(store):
    with pytest.raises(UserError, match=r"s3://corpus/a\.zarr\.zip: there is no such file"):
        open_binary("s3://corpus/a.zarr.zip")


def test_a_missing_bucket_is_a_sentence(store, settings_of):
    with pytest.raises(UserError, match="there is no bucket 'elsewhere'; correct the URL"):
        open_binary("s3://elsewhere/a.zarr.zip")
    with pytest.raises(UserError, match="there is no bucket 'elsewhere'; correct the URL"):
        list_shards(settings_of("s3://elsewhere", **CORPUS), "mine", Path("made"))


def test_a_folder_without_shards_is_a_sentence(store, settings_of):
    with pytest.raises(UserError, match="s3://corpus/nowhere: holds no shard"):
        list_shards(settings_of("s3://corpus/nowhere", **CORPUS), "mine", Path("made"))


def test_wrong_keys_are_told_without_the_keys(store, settings_of, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMISTAKEN")
    forget()
    settings = settings_of("s3://corpus", **CORPUS)
    for action in (
        lambda: list_shards(settings, "mine", Path("made")),
        lambda: open_binary("s3://corpus/a.zarr.zip"),
    ):
        with pytest.raises(UserError, match="the server refuses to show it") as told:
            action()
        assert "AWS_ACCESS_KEY_ID" in str(told.value)
        assert not any(key in str(told.value) for key in (KEY, SECRET, "AKIAMISTAKEN"))


def test_no_keys_at_all_are_told(store, settings_of, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    forget()
    with pytest.raises(UserError, match=r"cannot be read without keys .*; set AWS_ACCESS_KEY_ID"):
        list_shards(settings_of("s3://corpus", **CORPUS), "mine", Path("made"))


def test_a_store_that_does_not_answer_is_told(store, settings_of, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    forget()
    with pytest.raises(UserError, match="check the URL and the connection"):
        open_binary("s3://corpus/a.zarr.zip")


def test_without_the_package_the_sentence_names_it(settings_of, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)
    with pytest.raises(UserError, match=r"cannot be read here .*s3fs"):
        list_shards(settings_of("s3://corpus", **CORPUS), "mine", Path("made"))
