import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speckle2vec.errors import UserError
from speckle2vec.products.labels import (
    LabelClass,
    SampleLabels,
    majority,
    open_labels,
    write_labels,
)

CLASSES = [LabelClass(1, 10, "land", "#00ff00"), LabelClass(2, 20, "water", "#0000ff")]


def write(path, images, attributes=None):
    samples = [
        SampleLabels(f"s{row}", row, np.asarray(image, np.uint8), 1.0)
        for row, image in enumerate(images)
    ]
    shapes = [sample.labels.shape for sample in samples]
    write_labels(path, iter(samples), shapes, CLASSES, lambda: attributes or {"level": 0})


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "a.zarr.zip"
    images = [[[1, 2, 2]], [[0, 0], [1, 1]]]
    write(path, images)
    with open_labels(path) as shard:
        assert shard.labels.shape == (2, 2, 3)
        for position, image in enumerate(images):
            np.testing.assert_array_equal(shard.read(position), image)
        np.testing.assert_array_equal(shard.take(np.array([1, 0]))[1], [[1, 2, 2], [0, 0, 0]])
        assert shard.counts.tolist() == [[0, 1, 2], [2, 2, 0]]
        assert shard.shapes.tolist() == [[1, 3], [2, 2]]
        assert shard.classes == tuple(CLASSES)
        assert shard.attributes["nodata"] == 0
        assert shard.attributes["level"] == 0


def test_equal_labels_are_equal_bytes(tmp_path):
    for name in "ab":
        write(tmp_path / name, [[[1, 2], [0, 1]]])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    dates = {entry.date_time for entry in zipfile.ZipFile(tmp_path / "a").infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=9), min_size=1, max_size=4))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_majority_against_a_loop(tmp_path, rows):
    path = tmp_path / "a.zarr.zip"
    write(path, [[row] for row in rows])
    table = majority(path).to_pylist()
    for found, row in zip(table, rows, strict=True):
        known = [value for value in row if value]
        best = max((1, 2), key=known.count) if known else 0
        assert found["class"] == best
        assert found["share"] == (known.count(best) / len(known) if known else 0)
        assert found["labelled"] == len(known) / len(row)


def test_shapes_that_were_not_announced_are_a_defect(tmp_path):
    sample = SampleLabels("a", 0, np.zeros((2, 2), np.uint8), 1.0)
    with pytest.raises(ValueError, match="not the shapes announced"):
        write_labels(tmp_path / "a", [sample], [(3, 3)], CLASSES, dict)
    assert not (tmp_path / "a").exists()


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match="missing or damaged"):
        majority(tmp_path / "none.zarr.zip")
