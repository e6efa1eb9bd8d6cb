import time
import zipfile

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.stores import new_store, open_store


def write(path, values, zarr_format=3):
    with new_store(path, zarr_format) as group:
        group.create_array("values", data=values, chunks=(2, 3))
        group.attrs["unit"] = "dB"


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_what_is_written_is_read(tmp_path, zarr_format):
    values = np.arange(12, dtype=np.float32).reshape(4, 3)
    write(tmp_path / "a.zarr.zip", values, zarr_format)
    with open_store(tmp_path / "a.zarr.zip") as group:
        np.testing.assert_array_equal(group["values"][...], values)
        assert group.attrs["unit"] == "dB"


def test_equal_content_is_equal_bytes_at_any_time(tmp_path):
    values = np.arange(12, dtype=np.float32).reshape(4, 3)
    write(tmp_path / "a.zarr.zip", values)
    time.sleep(2.1)  # a zip's clock ticks every two seconds
    write(tmp_path / "b.zarr.zip", values)
    assert (tmp_path / "a.zarr.zip").read_bytes() == (tmp_path / "b.zarr.zip").read_bytes()


def test_nothing_is_left_when_writing_fails(tmp_path):
    with pytest.raises(RuntimeError), new_store(tmp_path / "a.zarr.zip"):
        raise RuntimeError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "no zarr"])
def test_a_damaged_store_is_a_sentence(tmp_path, damage):
    path = tmp_path / "a.zarr.zip"
    write(path, np.ones((4, 3), np.float32))
    if damage == "missing":
        path.unlink()
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:-40])
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme", "hello")
    with pytest.raises(UserError, match=r"a\.zarr\.zip: is missing or damaged"), open_store(path):
        pass
