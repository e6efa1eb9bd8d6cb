"""What a sample is most like among equals, and in pieces; and which sample lies at a point."""

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.search.index import index_embeddings
from speckle2vec.evaluate.search.query import row_of_id, row_of_point, similar

from .searched import along_curves, cosines_of, searched, settings


def names_of(lines):
    return [str(line[0]) for line in lines]


@pytest.mark.parametrize("together", [1, 40, 90])
def test_blocks_change_nothing(tmp_path, monkeypatch, together):
    made = searched(tmp_path, along_curves(170))
    monkeypatch.setattr("speckle2vec.evaluate.search.rows.ROWS_TOGETHER", together)
    cosines = cosines_of(made.values)[99]
    order = [at for at in np.argsort(-cosines) if at != 99][:12]
    lines = similar(settings(), made.rows, 99, 12, None)
    assert names_of(lines) == [made.ids[at] for at in order]
    np.testing.assert_allclose([float(line[4]) for line in lines], cosines[order], atol=2e-6)


@pytest.mark.parametrize("indexed", [False, True])
def test_of_more_equals_than_are_asked_the_sample_itself_is_never_one(tmp_path, indexed):
    made = searched(tmp_path, np.ones((50, 1024), np.float32))
    index = tmp_path / "index.faiss" if indexed else None
    if index:
        index_embeddings(settings(), made.rows, index)
    for row in (0, 1, 49):
        names = names_of(similar(settings(), made.rows, row, 3, index))
        assert len(set(names)) == 3
        assert made.ids[row] not in names
    if not indexed:
        assert names == ["s00000", "s00001", "s00002"], "of equals the first lead"


def test_opposite_and_empty_embeddings_have_cosines_too(tmp_path):
    values = np.zeros((4, 1024), np.float32)
    values[:3, 0] = 2, 1e-3, -7
    lines = similar(settings(), searched(tmp_path, values).rows, 0, 3, None)
    assert [(line[0].as_py(), line[4]) for line in lines] == [
        ("s00001", "1.000000"), ("s00003", "0.000000"), ("s00002", "-1.000000"),
    ]  # fmt: skip


def test_a_lonely_sample_is_like_nothing_by_any_way(tmp_path):
    made = searched(tmp_path, along_curves(1))
    index_embeddings(settings(), made.rows, tmp_path / "index.faiss")
    assert similar(settings(), made.rows, 0, 5, None) == []
    assert similar(settings(), made.rows, 0, 5, tmp_path / "index.faiss") == []


def test_the_nearest_lies_beyond_the_antimeridian_and_unknown_places_are_passed_over(tmp_path):
    places = [(None, None), (179.9, 10.0), (-179.99, 10.0), (None, 10.0), (0.0, 90.0)]
    rows = searched(tmp_path, along_curves(5), places=places).rows
    assert row_of_point(rows, "179.98,10", 100) == 2
    assert row_of_point(rows, "180,10", 100) == 2
    assert row_of_point(rows, "179.93,10", 100) == 1
    assert row_of_point(rows, " -123.4 , 89.99 ", 2) == 4


def test_the_reach_ends_where_it_is_set(tmp_path):
    rows = searched(tmp_path, along_curves(1), places=[(0.0, 0.0)]).rows
    kilometres = np.radians(1) * 6371.0088
    assert row_of_point(rows, "0,1", kilometres + 0.01) == 0
    with pytest.raises(
        UserError, match=r"the nearest, s00000 at 0\.000000,0\.000000, is 111\.2 km"
    ):
        row_of_point(rows, "0,1", kilometres - 0.01)


@pytest.mark.parametrize("text", ["", "1", "1,2,3", "1,", "inf,0", "0,-90.1", "180.1,0"])
def test_what_is_no_point_is_quoted(tmp_path, text):
    rows = searched(tmp_path, along_curves(1)).rows
    with pytest.raises(UserError, match=f"`{text}` is no point; write longitude and latitude"):
        row_of_point(rows, text, 100)


def test_an_id_is_a_whole_name(tmp_path):
    rows = searched(tmp_path, along_curves(3), ids=["a", "ab", "abc"]).rows
    assert [row_of_id(rows, name) for name in ("a", "ab", "abc")] == [0, 1, 2]
    with pytest.raises(UserError, match="no sample `abcd` among 3 embeddings; did you mean abc or"):
        row_of_id(rows, "abcd")
