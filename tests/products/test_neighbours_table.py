import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.neighbours import (
    SCHEMA,
    Nearness,
    read_nearness,
    read_neighbours,
    write_neighbours,
)

NEARNESS = Nearness(radius=1.5, nearest=2, most=8, without_position=3)


def block(*rows):
    names = ("sample_id", "longitude", "latitude", "neighbours", "distances")
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], SCHEMA)


FIRST = block(("a", 1.0, 2.0, ["b", "c"], [0.1, 0.2]), ("b", 1.0, 2.1, ["a"], [0.1]))
SECOND = block(("c", 1.0, 2.2, [], []))


def test_blocks_come_back_as_they_were_written(tmp_path):
    path = tmp_path / "deep" / "table.parquet"
    write_neighbours(path, iter([FIRST, SECOND]), NEARNESS)
    read = list(read_neighbours(path))
    assert [part.to_pylist() for part in read] == [FIRST.to_pylist(), SECOND.to_pylist()]
    assert pa.types.is_dictionary(read[0].schema.field("neighbours").type.value_type)
    assert read_nearness(path) == NEARNESS


def test_other_readers_understand_it(tmp_path):
    write_neighbours(tmp_path / "table.parquet", [FIRST], NEARNESS)
    frame = pq.read_table(tmp_path / "table.parquet").to_pandas()
    assert frame["neighbours"].map(list).to_list() == [["b", "c"], ["a"]]
    assert frame["distances"].map(list).to_list() == [[0.1, 0.2], [0.1]]


def test_equal_tables_are_equal_bytes(tmp_path):
    for name in ("one", "two"):
        write_neighbours(tmp_path / name, [FIRST, SECOND], NEARNESS)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_nothing_is_left_of_a_table_that_broke_off(tmp_path):
    def broken():
        yield FIRST
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_neighbours(tmp_path / "table.parquet", broken(), NEARNESS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, b"half a fil"])
def test_a_missing_or_damaged_table_is_a_sentence(tmp_path, content):
    path = tmp_path / "table.parquet"
    if content is not None:
        path.write_bytes(content)
    for read in (read_nearness, lambda path: list(read_neighbours(path))):
        with pytest.raises(UserError, match=r"table\.parquet: is missing, damaged .*neighbours"):
            read(path)


def test_another_table_is_refused(tmp_path):
    pq.write_table(pa.table({"sample_id": ["a"]}), tmp_path / "other.parquet")
    with pytest.raises(UserError, match="no table of neighbours"):
        read_nearness(tmp_path / "other.parquet")
