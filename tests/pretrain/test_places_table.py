"""What is read of the table of neighbours, also of samples that are not there."""

import logging
import math

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

from speckle2vec.pretrain.places_table import read_places


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
