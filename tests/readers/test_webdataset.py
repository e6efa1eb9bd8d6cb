import numpy as np
import pytest

from speckle2vec.errors import UserError

CORPUS = {"source": "ssl4eo", "path": ".", "folders": ["train"]}


@pytest.fixture
def members(fakes):
    return {f"{seed:07d}": fakes.member(seed=seed) for seed in (12, 3, 7)}


def test_a_tar_is_read_in_place(opened, fakes, tmp_path, members):
    content = {f"{name}.zarr.zip": fakes.zipped(one) for name, one in members.items()}
    fakes.write_tar(tmp_path, content | {"README.txt": b"hello"})
    shard = opened(tmp_path, "train-000001", **CORPUS)
    assert [sample.sample_id for sample in shard.samples] == list(members)
    for sample, one in zip(shard.samples, members.values(), strict=True):
        dates = one["time"].values.astype("datetime64[ns]").astype("datetime64[ms]")
        assert list(sample.dates) == list(dates)
        assert sample.grid.shape == (40, 40)
        np.testing.assert_array_equal(shard.read(sample.row), one["bands"].values.astype("f4"))
    shard.close()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [
        "ssl4eos12_shard_000001.tar"
    ]


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_members_with_more_in_them(opened, fakes, tmp_path, zarr_format):
    whole = fakes.published(samples=1, bands=("VH", "VV"), seed=5).isel(sample=0)
    dataset = whole.drop_vars("time").rename(time_="time").set_coords("time")
    fakes.write_tar(tmp_path, {"ab.zarr.zip": fakes.zipped(dataset, zarr_format=zarr_format)})
    shard = opened(tmp_path, "train-000001", **CORPUS)
    (sample,) = shard.samples
    assert sample.sample_id == "0050000"
    assert list(sample.dates) == list(dataset["time"].values.astype("datetime64[ms]"))
    assert tuple(sample.grid.affine)[:6] == (10, 0, 400_000, 0, -10, 5_200_000)
    np.testing.assert_allclose(shard.read(0).mean(axis=(0, 2, 3)), [-11, -18], atol=0.5)
    shard.close()


def test_members_written_without_xarray(opened, fakes, tmp_path):
    import io
    import zipfile

    import zarr

    store = zarr.storage.MemoryStore()
    group = zarr.open_group(store, mode="w", zarr_format=2)
    values = fakes.member()["bands"].values
    group.create_array("bands", data=values, chunks=(1, 2, 40, 40))
    group.create_array("time", data=fakes.member()["time"].values)
    group.create_array("center_lon", data=np.array(8.0))
    group.create_array("center_lat", data=np.array(47.0))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in store._store_dict.items():
            archive.writestr(name, content.to_bytes())
    fakes.write_tar(tmp_path, {"0000001.zarr.zip": buffer.getvalue()})
    shard = opened(tmp_path, "train-000001", **CORPUS)
    assert shard.samples[0].dates[0] == fakes.FIRST.astype("datetime64[ms]")
    assert shard.samples[0].grid is not None
    np.testing.assert_array_equal(shard.read(0), values.astype("f4"))
    shard.close()


def test_a_member_of_another_layout_is_a_sample_with_a_problem(opened, fakes, tmp_path):
    wrong = fakes.member(bands=("vv",))
    good = fakes.zipped(fakes.member())
    fakes.write_tar(tmp_path, {"a.zarr.zip": good, "b.zarr.zip": fakes.zipped(wrong)})
    shard = opened(tmp_path, "train-000001", **CORPUS)
    assert [bool(sample.problem) for sample in shard.samples] == [False, True]
    assert "member b.zarr.zip: has 1 bands" in shard.samples[1].problem
    shard.close()


def test_a_damaged_member_stops_the_shard(opened, fakes, tmp_path):
    good = fakes.zipped(fakes.member())
    fakes.write_tar(tmp_path, {"a.zarr.zip": good, "b.zarr.zip": good[: len(good) // 2]})
    with pytest.raises(UserError, match=r"000001.tar, member b.zarr.zip: cannot be read"):
        opened(tmp_path, "train-000001", **CORPUS)


def test_a_truncated_or_empty_tar_is_told(opened, fakes, tmp_path):
    good = fakes.zipped(fakes.member())
    path = fakes.write_tar(tmp_path, {"a.zarr.zip": good, "b.zarr.zip": good})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - len(good)])
    with pytest.raises(UserError, match=r"000001.tar.*cannot be read .*download it again"):
        opened(tmp_path, "train-000001", **CORPUS)
    path.write_bytes(b"no tar at all" * 100)
    with pytest.raises(UserError, match=r"000001.tar: cannot be read"):
        opened(tmp_path, "train-000001", **CORPUS)
    path.write_bytes(fakes.tarred({"readme.txt": b"hello"}))
    with pytest.raises(UserError, match=r"holds no .zarr.zip"):
        opened(tmp_path, "train-000001", **CORPUS)


def test_a_tar_behind_a_url(opened, fakes, memory, members):
    content = {f"{name}.zarr.zip": fakes.zipped(one) for name, one in members.items()}
    memory.put({"train/S1GRD/s_000001.tar": fakes.tarred(content)}, "all")
    shard = opened("memory://all", "train-000001", **CORPUS)
    expected = members["0000003"]["bands"].values.astype("f4")
    np.testing.assert_array_equal(shard.read(1), expected)
    shard.close()
