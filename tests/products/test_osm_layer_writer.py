"""Layers of OpenStreetMap, written one sample at a time."""

import zipfile

import numpy as np
import pytest
import zarr
from tests.products.held import Held
from tests.products.written_layers import CLASSES, sample, write

from speckle2vec.products.osm_layer_writer import write_layers
from speckle2vec.products.osm_layers import UNCOVERED

ONE = [[[1, 2], [0, 1]], [[0, 0], [1, 0]]]


def test_equal_layers_are_equal_bytes(tmp_path):
    first, second = (write(tmp_path / name, sample("one", ONE)) for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    dates = {entry.date_time for entry in zipfile.ZipFile(first).infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_smaller_samples_are_padded_with_what_is_not_covered(tmp_path):
    path = write(tmp_path / "a.zip", sample("one", ONE), sample("two", [[[1]], [[1]]]))
    with zarr.storage.ZipStore(path, mode="r") as store:
        stored = zarr.open_group(store, mode="r")["layers"][1]
    np.testing.assert_array_equal(stored[:, 0, 0], [1, 1])
    assert (stored == UNCOVERED).sum() == 6


def test_few_samples_are_in_memory(tmp_path):
    def make(number):
        one = sample(str(number), np.full((2, 4, 4), number))
        return one.layers, one

    held = Held()
    write_layers(tmp_path / "a", held.draw(make, 12), [(4, 4)] * 12, CLASSES, {})
    assert held.most <= 3


@pytest.mark.parametrize("shapes", [[(3, 3)], [], [(2, 2), (2, 2)], [(2, 3)]])
def test_shapes_that_were_not_announced_are_a_defect(tmp_path, shapes):
    with pytest.raises((ValueError, IndexError, zarr.errors.BoundsCheckError)):
        write_layers(tmp_path / "a", [sample("one", ONE)], shapes, CLASSES, {})
    assert not (tmp_path / "a").exists()
