import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.embeddings import embedding_values, read_embeddings, write_embeddings


def test_what_is_written_is_read(tmp_path):
    values = np.random.default_rng(0).normal(size=(5, 1024)).astype(np.float32)
    write_embeddings(tmp_path / "a.parquet", list("abcde"), values, {"encoder": "x"})
    table = read_embeddings(tmp_path / "a.parquet")
    np.testing.assert_array_equal(embedding_values(table["embedding"]), values)
    assert table["id"].to_pylist() == list("abcde")
    assert b'{"encoder": "x"}' in table.schema.metadata.values()


def test_an_embedding_that_is_not_finite_is_refused(tmp_path):
    values = np.zeros((3, 1024), np.float32)
    values[1, 7] = np.inf
    with pytest.raises(UserError, match="no finite embedding for b and 0 others"):
        write_embeddings(tmp_path / "a.parquet", list("abc"), values, {})
    assert not list(tmp_path.iterdir())


def test_a_damaged_part_is_a_sentence(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(UserError, match="is missing or damaged"):
        read_embeddings(tmp_path / "a.parquet")
