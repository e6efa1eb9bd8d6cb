"""Embeddings that are the same, of which rounding must not make less than nothing."""

import csv
from datetime import datetime

import numpy as np

from speckle2vec.evaluate.places.ranking import nearest_examples
from speckle2vec.evaluate.search.change import list_changes
from speckle2vec.products.accepted import read_accepted

from .searched import searched, settings

PLACES = 200


def twice(folder):
    """Each place in two years, of one embedding."""
    values = np.random.default_rng(5).normal(size=(PLACES, 1024)).astype(np.float32)
    ids = [f"p{place:03d}_{year}0101" for year in (2020, 2021) for place in range(PLACES)]
    dates = [[datetime(year, 1, 1)] for year in (2020, 2021) for _ in range(PLACES)]
    return searched(folder, np.concatenate([values, values]), ids, dates)


def test_a_place_that_did_not_change_changed_by_nothing(tmp_path):
    made = twice(tmp_path)
    list_changes(settings(), made.rows, tmp_path / "change.csv")
    with (tmp_path / "change.csv").open(newline="") as file:
        assert {row["cosine_change"] for row in csv.DictReader(file)} == {"0.000000"}


def test_distances_of_equal_embeddings_are_not_negative(tmp_path):
    made = twice(tmp_path)
    first, second = np.array(made.ids[:PLACES]), np.array(made.ids[PLACES:])
    samples = read_accepted(made.catalogue, ("longitude", "latitude", "dates"), made.keys)
    found = nearest_examples(first, second, made.keys, tmp_path / "parts", samples)
    assert [name[:4] for name in found.names] == [name[:4] for name in first]
    assert (found.distances >= 0).all()
