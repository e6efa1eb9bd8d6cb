"""Who is drawn as near and as far, and what is read of the table."""

import logging
import math
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from neighbour_tables import (
    LISTS,
    PLACES,
    batch_from,
    draws,
    method_of,
    samples_of,
    source_of,
    write_table,
)

from speckle2vec.pretrain.places import read_places


@pytest.mark.parametrize(("tau", "sign"), [(0.1, -1), (0.5, -1), (0.5, 1)])
def test_neighbours_are_drawn_by_the_softmax_of_their_distance(table, tau, sign):
    places, count = read_places(table, tuple(PLACES)), 20_000
    drawn = places.near(torch.zeros(count, dtype=torch.long), sign / tau, draws(count, 1))
    weights = {name: math.exp(sign * PLACES[name] / tau) for name in "bc"}
    found = Counter("abcdefg"[row] for row in drawn.tolist())
    assert found.keys() <= {"b", "c"}
    for name in "bc":
        wanted = weights[name] / sum(weights.values())
        assert found[name] / count == pytest.approx(wanted, abs=0.015)


def test_the_ends_of_the_draw_stay_among_the_neighbours(table):
    places = read_places(table, tuple(PLACES))
    ends = torch.tensor([[0.0], [1 - 2**-24]])
    for row, name in enumerate(PLACES):
        drawn = places.near(torch.full((2,), row), 1e6, ends)
        assert {"abcdefg"[one] for one in drawn.tolist()} <= set(LISTS[name])


def test_distant_tiles_are_uniform_outside_the_neighbourhood(table):
    places, count = read_places(table, tuple(PLACES)), 28_000
    rows = torch.arange(7).repeat(count // 7)
    drawn = places.far(rows, draws(count, 16))
    for row, name in enumerate(PLACES):
        found = Counter("abcdefg"[one] for one in drawn[rows == row].tolist())
        reach = max(1.0, *(abs(PLACES[other] - PLACES[name]) for other in LISTS[name]))
        outside = [other for other in PLACES if abs(PLACES[other] - PLACES[name]) > reach]
        if outside:
            assert found.keys() == set(outside)
            shares = np.array([found[other] for other in outside]) / found.total()
            np.testing.assert_allclose(shares, 1 / len(outside), atol=0.03)


def test_where_all_are_neighbours_the_farthest_drawn_stands_in(tmp_path, caplog):
    places = {"a": 0.0, "b": 0.1, "c": 0.5}
    lists = {"a": ["b", "c"], "b": ["a", "c"], "c": ["b", "a"]}
    path = write_table(tmp_path / "table.parquet", places, lists)
    read = read_places(path, tuple(places))
    assert read.enclosed() == 3
    assert read.far(torch.arange(3), draws(3, 16)).tolist() == [2, 2, 0]
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        method_of(samples_of(source_of(places), path))
    assert "For 3 of 3 training samples, all others looked at are neighbours" in caplog.text


def test_across_the_antimeridian_near_is_near(tmp_path):
    places = {"a": 179.9, "b": -179.9, "c": 0.0}
    path = write_table(tmp_path / "table.parquet", places, {"a": ["b"], "b": ["a"], "c": []})
    read = read_places(path, tuple(places))
    assert set(read.far(torch.zeros(100, dtype=torch.long), draws(100, 16)).tolist()) == {2}


# What the table says about samples that are not there


def test_ids_become_rows_whatever_their_order(table):
    ids = tuple("gfedcba")
    places = read_places(table, ids)
    for row, name in enumerate(ids):
        there = places.degrees[row].isfinite()
        assert [ids[other] for other in places.neighbours[row][there]] == LISTS[name]
        assert places.degrees[row][there].tolist() == pytest.approx(
            [abs(PLACES[other] - PLACES[name]) for other in LISTS[name]]
        )


def test_the_nearest_stand_in_for_neighbours_that_have_no_cube(table):
    ids = ("a", "d", "f", "g")
    places = read_places(table, ids)
    found = [
        [ids[other] for other in row[there]]
        for row, there in zip(places.neighbours, places.degrees.isfinite(), strict=True)
    ]
    assert found == [["d", "f"], ["a", "f"], ["g"], ["f"]]
    assert places.degrees[0].tolist() == pytest.approx([20, 61])
    assert places.known(torch.arange(4)).all()
    assert float(places.reach[0].sqrt()) == pytest.approx(2 * math.sin(math.radians(61 / 2)))


def test_samples_that_are_not_in_the_table_count_as_no_anchors(table, caplog):
    ids = ("a", "x", "b", "c", "d", "e", "f", "y")
    source = source_of(ids)
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        method = method_of(samples_of(source, table), penalty=0, margin=5)
    assert "2 of 8 training samples have no known position" in caplog.text
    places = method.train_places
    assert places.known(torch.arange(8)).tolist() == [name not in "xy" for name in ids]
    with torch.no_grad():
        assert method(batch_from(source, torch.tensor([1, 7]))) == 0
        assert method(batch_from(source, torch.tensor([0, 2]))) > 0
    drawn = places.far(torch.zeros(500, dtype=torch.long), draws(500, 16))
    assert not {1, 7} & set(drawn.tolist())


def test_a_large_table_of_many_blocks_is_read_as_it_is(tmp_path):
    random = np.random.default_rng(2)
    ids = [f"s{number}" for number in range(500)]
    places = dict(zip(ids, random.uniform(0, 20, 500), strict=True))
    lists = {}
    for name in ids:
        apart = {other: abs(places[other] - places[name]) for other in ids if other != name}
        lists[name] = sorted((one for one in apart if apart[one] < 1), key=apart.get)[:8]
    path = write_table(tmp_path / "one.parquet", places, lists)
    whole = read_places(path, ids)
    pq.write_table(pq.read_table(path), tmp_path / "many.parquet", row_group_size=37)
    again = read_places(tmp_path / "many.parquet", ids)
    for name, values in vars(whole).items():
        assert torch.equal(values, getattr(again, name))
    for row in (0, 123, 499):
        there = whole.degrees[row].isfinite()
        assert [ids[other] for other in whole.neighbours[row][there]] == lists[ids[row]]
