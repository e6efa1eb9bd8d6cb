"""What is searched: parts or a table, and what may be wrong with them."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.search import rows as search_rows
from speckle2vec.evaluate.search.rows import rows_of_parts, rows_of_table
from speckle2vec.products.catalogue import read_catalogue
from speckle2vec.products.embeddings import embedding_column

from .searched import along_curves, searched


@pytest.fixture
def made(tmp_path):
    return searched(tmp_path, along_curves(90))


def gathered(rows):
    return np.concatenate([vectors for _, vectors in rows.blocks()])


def test_parts_and_table_are_the_same_rows(made, monkeypatch):
    monkeypatch.setattr(search_rows, "ROWS_TOGETHER", 50)
    table, parts = rows_of_table(made.table), made.rows
    assert table.places["id"].to_pylist() == parts.places["id"].to_pylist() == made.ids
    assert [start for start, _ in parts.blocks()] == [0, 80]
    expected = made.values / np.linalg.norm(made.values.astype(np.float64), axis=1)[:, None]
    for rows in (table, parts):
        np.testing.assert_allclose(gathered(rows), expected, atol=1e-6)
        wanted = np.array([89, 0, 41, 40, 39])
        np.testing.assert_array_equal(rows.take(wanted), gathered(rows)[wanted])


def test_only_accepted_samples_with_an_embedding_count(made):
    rows = pq.read_table(made.catalogue).to_pylist()
    rows[3]["verdict"] = "refused"
    rows.append({**rows[5], "sample_id": "left-out"})
    pq.write_table(pa.Table.from_pylist(rows, read_catalogue(made.catalogue).schema),
                   made.catalogue)  # fmt: skip
    rows = made.rows
    assert rows.places["id"].to_pylist() == made.ids[:3] + made.ids[4:]
    np.testing.assert_array_equal(gathered(rows), np.delete(gathered(rows_of_table(made.table)),
                                  3, axis=0))  # fmt: skip


def test_a_vector_of_nothing_stays_nothing(tmp_path):
    values = along_curves(3)
    values[1] = 0
    np.testing.assert_array_equal(gathered(searched(tmp_path, values).rows)[1], 0)


def test_what_is_not_finite_is_named(made):
    table = pq.read_table(made.table)
    values = made.values.copy()
    values[[7, 9], 5] = np.nan, np.inf
    broken = table.set_column(table.schema.get_field_index("embedding"), "embedding",
                              embedding_column(values))  # fmt: skip
    pq.write_table(broken, made.table)
    with pytest.raises(UserError, match=r"embedding of s00007 is not finite .* as are 1 others"):
        gathered(rows_of_table(made.table))


def test_another_width_is_a_sentence(made):
    table = pq.read_table(made.table)
    column = pa.FixedSizeListArray.from_arrays(pa.array(np.ones(90 * 16, np.float32)), 16)
    at = table.schema.get_field_index("embedding")
    pq.write_table(table.set_column(at, "embedding", column), made.table)
    with pytest.raises(UserError, match="hold 16 numbers each, and not 1024"):
        rows_of_table(made.table)
    pq.write_table(table.set_column(at, "embedding", pa.array(["x"] * 90)), made.table)
    with pytest.raises(UserError, match="hold string each, and not 1024"):
        rows_of_table(made.table)
    pq.write_table(table.drop(["longitude"]), made.table)
    with pytest.raises(UserError, match="has no column `longitude`"):
        rows_of_table(made.table)


def test_what_is_damaged_is_a_sentence(made):
    made.table.write_text("id,0,1")
    with pytest.raises(UserError, match=r"embeddings\.parquet: is missing or damaged"):
        rows_of_table(made.table)
    with pytest.raises(UserError, match="is missing or damaged"):
        rows_of_parts(made.keys, made.catalogue, made.folder / "nowhere")
    with pytest.raises(UserError, match="holds no embedding of a sample"):
        rows_of_parts((), made.catalogue, made.folder)
