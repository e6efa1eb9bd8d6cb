"""Files that are named by their content."""

import pytest

from speckle2vec.planning.written import WRITTEN, written


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_text_is_kept_as_it_is():
    for text in ("", "a/b\n", "line\r\nother\tend", "Zürich/東京\n"):
        assert written(text, ".txt").read_bytes().decode() == text


def test_other_texts_and_other_suffixes_are_other_files():
    paths = {written(text, suffix) for text in ("a", "a\n", "") for suffix in (".txt", ".yaml")}
    assert len(paths) == 6
    assert {path.suffix for path in paths} == {".txt", ".yaml"}
    assert {path.parent for path in paths} == {WRITTEN}


def test_the_same_text_is_written_once_so_that_no_rule_sees_a_newer_file():
    path = written("a", ".txt")
    before = path.stat()
    assert written("a", ".txt") == path
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_nothing_else_is_left_in_the_folder():
    path = written("a", ".txt")
    path.unlink()
    written("a", ".txt")
    assert list(WRITTEN.iterdir()) == [path]
