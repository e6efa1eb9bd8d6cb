"""Who is drawn as near and as far."""

import logging
import math
from collections import Counter

import numpy as np
import pytest
import torch
from neighbour_tables import (
    LISTS,
    PLACES,
    draws,
    method_of,
    samples_of,
    source_of,
    write_table,
)

from speckle2vec.pretrain.places_table import read_places


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
