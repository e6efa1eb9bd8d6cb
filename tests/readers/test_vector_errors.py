"""What is raised for damaged vector files, however they are damaged."""

import pyogrio
import pytest
import shapely
from tests.readers.damaged_layers import write_damaged

from speckle2vec.readers.vector_errors import UNREADABLE


def test_a_file_that_is_none_is_unreadable(tmp_path):
    (tmp_path / "a.gpkg").write_bytes(b"no database")
    for path in (tmp_path / "a.gpkg", tmp_path / "none.gpkg"):
        with pytest.raises(UNREADABLE):
            pyogrio.read_info(path)


def test_a_layer_or_a_row_that_cannot_be_read_is_unreadable(tmp_path):
    path = write_damaged(tmp_path / "a.gpkg", "EPSG:4326", 0.01, name="a")
    assert pyogrio.read_info(path)["features"] == 3000
    for options in ({}, {"layer": "other"}):
        with pytest.raises(UNREADABLE):
            pyogrio.raw.read(path, **options)


def test_an_outline_that_is_none_is_unreadable():
    with pytest.raises(UNREADABLE):
        shapely.from_wkb(b"\x01\x03")
