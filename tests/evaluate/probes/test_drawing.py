"""So many training samples are drawn that rare classes keep theirs."""

import numpy as np
import pyarrow as pa
import pytest

from speckle2vec.evaluate.gathering import Asked, at_most
from speckle2vec.evaluate.places.classifier import score_places
from speckle2vec.products.place_labels import SCHEMA, PlaceTarget, write_place_target
from speckle2vec.products.place_scores import read_scores
from speckle2vec.products.probes import read_probe
from speckle2vec.provenance import generator

MODEL = "sar-temporal/simclr/resnet18"


def asked(counts, seed=0):
    """So many samples of each class, in any order."""
    labels = np.repeat([f"class {number}" for number in range(len(counts))], counts)
    labels = np.random.default_rng(seed).permutation(labels)
    ids = np.array([f"s{number:07d}" for number in range(len(labels))])
    return Asked(ids, labels, ids)


def counts_of(drawn):
    return dict(zip(*np.unique(drawn.labels, return_counts=True), strict=True))


@pytest.mark.parametrize(
    ("counts", "most", "expected"),
    [
        ((30, 171_970), 20_000, (30, 19_970)),
        ((10, 0, 99_990), 100, (10, 90)),
        ((90_000, 30, 5_000, 40_000), 20_000, (7_485, 30, 5_000, 7_485)),
        ((70, 80, 90), 100, (33, 33, 34)),
        ((40, 100, 100), 101, (33, 34, 34)),
        ((60, 40), 100, (60, 40)),
    ],
)
def test_small_classes_are_whole_and_large_ones_share_the_rest(counts, most, expected):
    samples = asked(counts)
    drawn = at_most(samples, most, 42, "classification")
    assert sorted(counts_of(drawn).values()) == sorted(expected)
    assert len(drawn.ids) == most
    assert (drawn.ids[:-1] < drawn.ids[1:]).all(), "sorted, and none twice"
    rows = np.searchsorted(samples.ids, drawn.ids)
    np.testing.assert_array_equal(drawn.labels, samples.labels[rows])


def test_the_draw_is_of_the_seed_and_even_within_a_class():
    samples = asked((30, 9_970))
    first, again, other = (at_most(samples, 1000, seed, "classification") for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.ids, again.ids)
    assert (first.ids != other.ids).any()
    places = np.searchsorted(samples.ids, first.ids)
    assert abs(places.mean() - 5000) < 4 * 10_000 / np.sqrt(12 * 1000)


def test_numbers_are_drawn_uniformly():
    samples = asked((5000, 5000))
    numbers = Asked(samples.ids, np.where(np.arange(10_000) < 9_000, 0.0, 1.0), samples.blocks)
    drawn = at_most(numbers, 1000, 3, "regression")
    assert 60 < (drawn.labels == 1).sum() < 140
    assert len(drawn.ids) == 1000


def test_a_few_mines_that_an_even_draw_would_miss_are_learnt_from(corpus, signal):
    corpus.embed(MODEL, signal)
    shown = np.sort(corpus.ids[corpus.splits == "train"])
    even = generator(42, "probe").choice(len(shown), 100, replace=False)
    missed = np.delete(shown, even)[::60]
    labels = np.where(np.isin(corpus.ids, missed), "mine", "other")
    found = read_probe(corpus.probe(MODEL, corpus.write_target(values=labels), most=100))
    assert found.about["classes"] == ["mine", "other"]
    assert found.about["training_samples"] == 100
    write_target(labels, corpus)
    output = corpus.folder / "scores.parquet"
    score_places(
        corpus.settings(probes={"most": 100, "strengths": [0.1]}), corpus.keys,
        corpus.folder / "labels.parquet", corpus.catalogue,
        corpus.folder / "embeddings" / MODEL, output,
    )  # fmt: skip
    assert not read_scores(output).about["unseen_classes"]


def write_target(labels, corpus):
    order = np.argsort(corpus.ids)
    columns = [corpus.ids, labels, corpus.blocks, corpus.splits, np.ones(len(order), int)]
    table = pa.table([column[order].tolist() for column in columns], SCHEMA)
    target = PlaceTarget("mines", ("mine", "other"), "mine", {}, table)
    write_place_target(target, corpus.folder / "labels.parquet")
