import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.products.written_labels import CLASSES, write

from speckle2vec.errors import UserError
from speckle2vec.products.labels import majority, open_labels


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


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match="missing or damaged"):
        majority(tmp_path / "none.zarr.zip")
