"""Pairs and outliers of hand-written tables of the nearest, where an index is not all there is."""

import csv

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.evaluate.search.lists import alike, list_duplicates, list_outliers
from speckle2vec.evaluate.search.nearest import SCHEMA

from .searched import searched, settings


@pytest.fixture
def made(tmp_path):
    """Six samples; what they are like is said by each test."""
    return searched(tmp_path, np.eye(6, 1024, dtype=np.float32), ids=list("abcdef"))


def write_nearest(made, told, together=100):
    """A table of what each is like: id -> {other: cosine}, in row groups."""
    rows = [{"id": one, "nearest": list(others), "cosines": list(others.values())}
            for one, others in told.items()]  # fmt: skip
    path = made.folder / "nearest.parquet"
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path, row_group_size=together)
    return path


def pairs_of(made, told, least, together=100):
    pairs, cosines = alike(made.rows, write_nearest(made, told, together), least)
    names = np.array(made.ids)[pairs].tolist()
    return [(*pair, round(float(one), 4)) for pair, one in zip(names, cosines, strict=True)]


ONE_SIDED = {
    "a": {"d": 0.5, "b": 0.25}, "b": {}, "c": {"f": 0.75, "a": 0.5}, "d": {"a": 0.625, "e": 0.5},
    "e": {"d": 0.5}, "f": {"b": 0.125},
}  # fmt: skip


@pytest.mark.parametrize("together", [1, 2, 100])
def test_a_pair_stands_once_with_its_greater_cosine_whoever_tells_of_it(made, together):
    assert pairs_of(made, ONE_SIDED, 0.5, together) == [
        ("c", "f", 0.75), ("a", "d", 0.625), ("a", "c", 0.5), ("d", "e", 0.5),
    ]  # fmt: skip


def test_pairs_of_drawn_tables_are_those_of_a_plain_loop(made):
    random = np.random.default_rng(0)
    told, best = {}, {}
    for one in made.ids:
        others = random.permutation([name for name in made.ids if name != one])[:3].tolist()
        told[one] = dict(zip(others, sorted(random.integers(1, 8, 3) / 8)[::-1], strict=True))
        for other, cosine in told[one].items():
            pair = min(one, other), max(one, other)
            best[pair] = max(best.get(pair, 0), cosine)
    expected = [(*pair, cosine) for pair, cosine in best.items() if cosine >= 0.5]
    expected.sort(key=lambda line: (-line[2], *line[:2]))
    assert pairs_of(made, told, 0.5, together=4) == expected


def test_the_list_of_pairs_ends_after_the_most_similar(made):
    output = made.folder / "duplicates.csv"
    wanted = settings(alike=0.5, most=2)
    list_duplicates(wanted, made.rows, write_nearest(made, ONE_SIDED), output)
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["first"], row["second"], row["cosine"]) for row in rows] == [
        ("c", "f", "0.750000"), ("a", "d", "0.625000"),
    ]  # fmt: skip
    apart = np.radians(0.03) * np.cos(np.radians(47)) * 6371.0088
    assert float(rows[0]["kilometres"]) == pytest.approx(apart, rel=1e-3)


def outliers_of(made, told, together=100, **search):
    output = made.folder / "outliers.csv"
    nearest = write_nearest(made, told, together)
    list_outliers(settings(**search), made.rows, nearest, output)
    with output.open(newline="") as file:
        return [(row["id"], row["cosine_distance"], row["nearest"],
                 row["nearest_cosine_distance"]) for row in csv.DictReader(file)]  # fmt: skip


@pytest.mark.parametrize("together", [1, 3, 100])
def test_lists_of_uneven_length_keep_their_own_ends(made, together):
    """Sample b is like nothing, and its empty list shifts nobody else's."""
    assert outliers_of(made, ONE_SIDED, together) == [
        ("f", "0.875000", "b", "0.875000"), ("a", "0.750000", "d", "0.500000"),
        ("c", "0.500000", "f", "0.250000"), ("d", "0.500000", "a", "0.375000"),
        ("e", "0.500000", "d", "0.500000"),
    ]  # fmt: skip


def test_of_samples_as_far_the_first_are_listed(made):
    told = {one: {"a" if one != "a" else "b": 0.5} for one in reversed(made.ids)}
    assert [line[0] for line in outliers_of(made, told, most=3)] == ["a", "b", "c"]
