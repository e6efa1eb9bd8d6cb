"""Which labelled samples lie in which group, against a plain look-up."""

import re

import numpy as np
import pyarrow as pa
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.grouping import grouped
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.probes import Target
from speckle2vec.settings.load import parse_settings

KEYS = (ShardKey("made", "one"), ShardKey("made", "two"))
COLUMNS = ("sample_id", "place", "corpus", "shard", "split")
PLACES = {"s9": "Ghana_1", "s2": "India_5", "s30": "Ghana_2", "s4": "Spain_x_3", "s05": "Mali_8"}


def catalogue(places, shards=None, splits=None):
    rows = [(name, place, "made", (shards or {}).get(name, "one"), (splits or {}).get(name, "test"))
            for name, place in places.items()]  # fmt: skip
    texts = [pa.array([row[at] for row in rows], pa.string()) for at in range(5)]
    return pa.table(texts, names=COLUMNS)


def target(names, values=None):
    values = [f"label {name}" for name in names] if values is None else values
    return Target("mine", "classification", np.array(names, str), np.array(values))


def settings(pattern="^([^_]+)_", **changes):
    return parse_settings(
        {"corpora": {"made": {"source": "simulated"}}, "probes": {"groups": pattern}, **changes},
        "test",
    )


def asked_of(found):
    columns = (found.asked.ids, found.asked.labels, found.asked.blocks)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("pattern", ["^([^_]+)_", "^[A-Z][a-z]+", "_([0-9x])"])
def test_each_label_keeps_its_sample_and_the_group_of_its_place(pattern):
    names = ["s4", "zz", "s30", "s9", "a", "s05", "s2"]
    found = grouped(target(names), catalogue(PLACES), KEYS, settings(pattern))
    groups = {name: re.search(pattern, place)[0].strip("_") for name, place in PLACES.items()}
    assert asked_of(found) == [(name, f"label {name}", groups[name]) for name in sorted(PLACES)]


def test_numbers_stay_with_their_samples():
    names = list(PLACES)
    found = grouped(target(names, np.arange(5.0)), catalogue(PLACES), KEYS, settings())
    assert dict(zip(found.asked.ids.tolist(), found.asked.labels.tolist(), strict=True)) == dict(
        zip(names, range(5), strict=True)
    )


def test_groups_are_seen_in_training_splits_of_pretraining_shards_alone():
    splits = {"s9": "train", "s2": "train", "s4": "validation", "other": "train"}
    shards = {"s2": "two"}
    table = catalogue({**PLACES, "other": "nowhere", "bare": "Peru_1"}, shards,
                      {**splits, "bare": "train"})  # fmt: skip
    some = settings(pretrain={"shards": ["made/one"]})
    assert grouped(target(list(PLACES)), table, KEYS, some).seen == {"Ghana", "Peru"}
    assert grouped(target(list(PLACES)), table, KEYS, settings()).seen == {"Ghana", "Peru", "India"}


def test_places_without_a_label_need_no_group():
    table = catalogue({**PLACES, "other": "nowhere"})
    assert len(grouped(target(list(PLACES)), table, KEYS, settings()).asked.ids) == 5
    with pytest.raises(UserError, match="'nowhere' does not match"):
        grouped(target([*PLACES, "other"]), table, KEYS, settings())


def test_two_groups_are_too_few_and_named():
    with pytest.raises(UserError, match=r"makes 2 groups of the labelled places \(Ghana, India\);"):
        grouped(target(["s9", "s30", "s2"]), catalogue(PLACES), KEYS, settings())


@pytest.mark.parametrize("places", [{"x": "Ghana_1"}, {}])
def test_labels_of_other_samples_are_a_sentence(places):
    with pytest.raises(UserError, match="mine: none of its 2 samples is in the catalogue"):
        grouped(target(["s9", "s30"]), catalogue(places), KEYS, settings())
