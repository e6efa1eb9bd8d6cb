import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.whole import DAY, HOST, scratch_folder, whole_file


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


KILLED = """
import os, signal, sys
from pathlib import Path
from speckle2vec.products.whole import scratch_folder, whole_file
product = Path(sys.argv[1])
with whole_file(product) as target, scratch_folder(product) as folder:
    (folder / "deep").mkdir()
    (folder / "deep/piece").write_text("piece")
    target.write_text("half of")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("way", [whole_file, scratch_folder])
def test_what_a_killed_process_left_goes_once_another_writes(tmp_path, way):
    product = tmp_path / "[1] product.txt"
    subprocess.run([sys.executable, "-c", KILLED, str(product)], check=False)
    assert len(list(tmp_path.iterdir())) == 2
    with way(product) as target:
        assert list(tmp_path.iterdir()) in ([], [target])
        if way is whole_file:
            target.write_text("all of it")


def test_what_others_still_write_stays(tmp_path):
    """Of a running process, of another machine today, or of another product."""
    product, old = tmp_path / "product.txt", DAY + 60
    kept = [f".product.txt.{HOST}.{os.getppid()}.part", ".product.txt.elsewhere.1.xyz.part",
            f".product.txt.zip.{HOST}.999999999.part"]  # fmt: skip
    for name in (*kept, ".product.txt.elsewhere.2.part"):
        (tmp_path / name).touch()
    long_ago = (tmp_path / kept[0]).stat().st_mtime - old
    os.utime(tmp_path / ".product.txt.elsewhere.2.part", (long_ago, long_ago))
    with whole_file(product) as target:
        target.write_text("all of it")
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([*kept, "product.txt"])
