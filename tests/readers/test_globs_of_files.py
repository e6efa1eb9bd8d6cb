"""Globs that a person may write, and that mean no files below a folder."""

import pytest

from speckle2vec.errors import UserError
from speckle2vec.readers.locations import find_files


@pytest.mark.parametrize("glob", ["/data/*.tif", ""])
def test_a_glob_that_is_none_below_a_folder_is_a_sentence(tmp_path, glob):
    with pytest.raises(UserError, match="glob"):
        find_files(str(tmp_path), glob)


def test_only_files_are_found_and_in_order(tmp_path):
    (tmp_path / "folder.tif").mkdir()
    for name in ("b.tif", "a.tif", "folder.tif/c.tif", "c.txt"):
        (tmp_path / name).write_bytes(b"")
    assert find_files(str(tmp_path), "**/*.tif") == ["a.tif", "b.tif", "folder.tif/c.tif"]
    assert find_files(str(tmp_path / "folder.tif"), "../b.*") == ["../b.tif"]
