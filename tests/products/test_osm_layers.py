"""Layers of OpenStreetMap that are read again, and files that are not whole."""

import numpy as np
import pytest
from tests.products.written_layers import CLASSES, GRID, sample, write

from speckle2vec.errors import UserError
from speckle2vec.products.osm_layers import UNCOVERED, open_layers

LARGE = [[[1, 2, 0], [0, 1, 2]], [[0, 0, 1], [1, 0, 0]]]
SMALL = [[[2], [UNCOVERED]], [[0], [UNCOVERED]]]


@pytest.fixture
def shard(tmp_path):
    path = write(tmp_path / "a", sample("large", LARGE, 4), sample("small", SMALL, 7), source="x")
    with open_layers(path) as found:
        yield found


def test_each_sample_comes_back_on_its_own_grid(shard):
    np.testing.assert_array_equal(shard.read(0), LARGE)
    np.testing.assert_array_equal(shard.read(1), SMALL)
    assert shard.grids == ((*GRID, 2, 3), (*GRID, 2, 1))


def test_what_is_known_of_the_samples_comes_back(shard):
    assert shard.sample_ids == ("large", "small")
    assert shard.places == ("place of large", "place of small")
    assert shard.rows.tolist() == [4, 7]
    assert shard.covered.tolist() == [1.0, 0.5]


def test_classes_and_themes_come_back_in_their_order(shard):
    assert shard.classes == CLASSES
    assert shard.themes == ("ground", "roads")
    assert shard.attributes["source"] == "x"
    assert shard.attributes["uncovered"] == UNCOVERED


def test_a_shard_without_samples_can_be_read(tmp_path):
    with open_layers(write(tmp_path / "none")) as found:
        assert found.sample_ids == found.grids == ()
        assert found.classes == CLASSES


def test_missing_and_damaged_files_are_sentences(tmp_path):
    with pytest.raises(UserError, match=r"none.* is missing"):
        open_layers(tmp_path / "none").__enter__()
    path = write(tmp_path / "a", sample("large", LARGE))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UserError, match=r"a.*damaged"):
        open_layers(path).__enter__()
