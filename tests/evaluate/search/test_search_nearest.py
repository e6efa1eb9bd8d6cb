"""The index, and what each sample is most like."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.search.index import build_index, cell_count, index_embeddings
from speckle2vec.evaluate.search.nearest import nearest_of_all, without_itself

from .searched import along_curves, cosines_of, searched, settings


def nearest_by_textbook(values, count):
    cosines = cosines_of(values)
    np.fill_diagonal(cosines, -np.inf)
    order = np.argsort(-cosines, axis=1)[:, :count]
    return order, np.take_along_axis(cosines, order, axis=1)


def all_nearest(made, wanted):
    index, output = made.folder / "index.faiss", made.folder / "nearest.parquet"
    index_embeddings(wanted, made.rows, index)
    nearest_of_all(wanted, made.rows, index, output)
    return pq.read_table(output).to_pydict()


def test_few_samples_are_compared_exactly(tmp_path):
    made = searched(tmp_path, along_curves(130))
    found = all_nearest(made, settings(nearest=5))
    order, cosines = nearest_by_textbook(made.values, 5)
    assert found["id"] == made.ids
    assert found["nearest"] == [[made.ids[at] for at in row] for row in order]
    np.testing.assert_allclose(found["cosines"], cosines, atol=1e-6)


def test_cells_find_nearly_all_and_their_bytes_repeat(tmp_path):
    made = searched(tmp_path, along_curves(1500))
    wanted = settings(exact=1000, cells_searched=24)
    found = all_nearest(made, wanted)
    order, cosines = nearest_by_textbook(made.values, 10)
    kept = [len({made.ids[at] for at in row} & set(names))
            for row, names in zip(order, found["nearest"], strict=True)]  # fmt: skip
    assert np.mean(kept) / 10 > 0.9
    assert all(name not in names for name, names in zip(found["id"], found["nearest"], strict=True))
    np.testing.assert_allclose([row[0] for row in found["cosines"]], cosines[:, 0], atol=0.02)
    first = (tmp_path / "index.faiss").read_bytes()
    index_embeddings(wanted, made.rows, tmp_path / "again.faiss")
    assert (tmp_path / "again.faiss").read_bytes() == first
    index = build_index(made.rows, wanted.search, seed=42)
    assert (index.nlist, index.nprobe) == (cell_count(1500), 24) == (128, 24)


def test_equal_samples_are_not_themselves(tmp_path):
    """Of equal samples faiss may return others first, or not the sample itself at all."""
    made = searched(tmp_path, np.ones((6, 1024), np.float32))
    found = all_nearest(made, settings(nearest=3))
    for name, names in zip(found["id"], found["nearest"], strict=True):
        assert name not in names
        assert len(set(names)) == 3


def test_without_itself():
    found = np.array([[7, 1, 2], [1, 3, 2], [4, 3, -1], [3, -1, -1]])
    kept = without_itself(found, np.array([7, 9, 4, 3]))
    assert kept.tolist() == [
        [False, True, True], [True, True, False], [False, True, False], [False, False, False],
    ]  # fmt: skip


def test_a_lonely_sample_is_like_nothing(tmp_path):
    found = all_nearest(searched(tmp_path, along_curves(1)), settings())
    assert found["nearest"] == [[]]


def test_an_index_of_other_samples_is_a_sentence(tmp_path):
    made = searched(tmp_path / "one", along_curves(50))
    fewer = searched(tmp_path / "two", along_curves(49))
    index_embeddings(settings(), fewer.rows, tmp_path / "index.faiss")
    with pytest.raises(UserError, match=r"indexes 49 embeddings of 1024 numbers.*there are 50"):
        nearest_of_all(settings(), made.rows, tmp_path / "index.faiss", tmp_path / "out")
    (tmp_path / "index.faiss").write_text("nothing")
    with pytest.raises(UserError, match="no index of faiss"):
        nearest_of_all(settings(), made.rows, tmp_path / "index.faiss", tmp_path / "out")
    assert not (tmp_path / "out").exists()
