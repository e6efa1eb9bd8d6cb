import zipfile

import numpy as np
import pytest
from tests.products.held import Held
from tests.products.written_labels import CLASSES, write

from speckle2vec.products.label_writer import SampleLabels, write_labels


def test_equal_labels_are_equal_bytes(tmp_path):
    for name in "ab":
        write(tmp_path / name, [[[1, 2], [0, 1]]])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    dates = {entry.date_time for entry in zipfile.ZipFile(tmp_path / "a").infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_shapes_that_were_not_announced_are_a_defect(tmp_path):
    sample = SampleLabels("a", 0, np.zeros((2, 2), np.uint8), 1.0)
    with pytest.raises(ValueError, match="not the shapes announced"):
        write_labels(tmp_path / "a", [sample], [(3, 3)], CLASSES, dict)
    assert not (tmp_path / "a").exists()


def test_few_samples_are_in_memory(tmp_path):
    def make(number):
        labels = np.full((4, 4), number % 3, np.uint8)
        return labels, SampleLabels(str(number), number, labels, 1.0)

    held = Held()
    write_labels(tmp_path / "a", held.draw(make, 12), [(4, 4)] * 12, CLASSES, dict)
    assert held.most <= 3
