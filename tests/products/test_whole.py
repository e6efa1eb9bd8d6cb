from types import SimpleNamespace

import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.whole import scratch_folder, whole_file


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "folder" / "product.txt"
    with whole_file(path) as target:
        target.write_text("all of it")
        assert not path.exists()
    assert path.read_text() == "all of it"
    assert [file.name for file in path.parent.iterdir()] == ["product.txt"]


def test_an_interrupted_write_leaves_what_was_there(tmp_path):
    path = tmp_path / "product.txt"
    path.write_text("before")
    with pytest.raises(RuntimeError), whole_file(path) as target:
        target.write_text("half of")
        raise RuntimeError
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["product.txt"]


@pytest.mark.parametrize(
    ("free", "raised", "told"),
    [(0, ValueError, OSError), (2**20, ValueError, ValueError), (0, UserError, UserError)],
)
def test_a_full_disk_is_told_whatever_a_library_says(tmp_path, monkeypatch, free, raised, told):
    usage = SimpleNamespace(total=1, used=1, free=free)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(told) as found, whole_file(tmp_path / "product.txt"):
        raise raised("disk I/O error in trigger")
    if told is OSError:
        assert found.value.strerror == "No space left on device"
        assert found.value.filename == str(tmp_path / "product.txt")
    assert not list(tmp_path.iterdir())


def test_a_scratch_folder_goes(tmp_path):
    with scratch_folder(tmp_path / "product") as folder:
        (folder / "piece").write_text("piece")
        assert folder.parent == tmp_path
    assert not list(tmp_path.iterdir())
