"""Which samples are shown, where on the map, and beside which neighbours."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.report.made_run import IDS, KEYS

from speckle2vec.errors import UserError
from speckle2vec.products.accepted import AcceptedSamples, read_accepted
from speckle2vec.products.embeddings import embedding_values, read_embeddings, write_embeddings
from speckle2vec.report.alike import Alike, agreement, read_alike
from speckle2vec.report.projection import flatten
from speckle2vec.report.samples import COLUMNS, drawn, shown_samples
from speckle2vec.settings.report import Report

NAMES = [name for key in KEYS for name in IDS[key]]


@pytest.fixture
def samples(small_run):
    return read_accepted(small_run.products.catalogue, COLUMNS)


def test_all_samples_are_shown_shard_after_shard(small_run, samples):
    shown = shown_samples(KEYS, small_run.products.embeddings, samples, 100, 42)
    assert shown.ids.tolist() == NAMES
    assert shown.rows["sample_id"].to_pylist() == NAMES
    assert shown.total == 24
    parts = [read_embeddings(key.part(small_run.products.embeddings, ".parquet")) for key in KEYS]
    values = np.concatenate([embedding_values(part["embedding"]) for part in parts])
    expected = values / np.sqrt((values.astype(np.float64) ** 2).sum(axis=1))[:, None]
    np.testing.assert_allclose(shown.embeddings, expected, rtol=1e-5)


def test_who_is_drawn_depends_on_names_and_seed_only():
    some = drawn(NAMES, 7, 42)
    assert len(some) == 7
    assert set(drawn(NAMES[::-1], 7, 42)) == set(some)
    assert set(drawn(NAMES[3:] + ["another"], 30, 42)) >= set(NAMES[3:])
    assert set(drawn(NAMES, 7, 1)) != set(some)


def test_a_share_is_shown_in_the_order_of_the_shards(small_run, samples):
    shown = shown_samples(KEYS, small_run.products.embeddings, samples, 7, 42)
    assert set(shown.ids.tolist()) == set(drawn(NAMES, 7, 42))
    assert shown.ids.tolist() == [name for name in NAMES if name in shown.ids]
    assert shown.total == 24
    assert len(shown.embeddings) == 7


def test_samples_left_out_are_told(samples, tmp_path):
    for key in KEYS:
        values = np.ones((11, 1024), np.float32)
        about = {"left_out": {IDS[key][5]: "has no pair of dates"}}
        ids = [name for name in IDS[key] if name != IDS[key][5]]
        write_embeddings(key.part(tmp_path, ".parquet"), ids, values, about)
    shown = shown_samples(KEYS, tmp_path, samples, 100, 42)
    assert shown.left_out == dict.fromkeys(("a5", "b5"), "has no pair of dates")


def test_an_embedding_that_the_catalogue_does_not_know_is_a_sentence(small_run, samples):
    known = AcceptedSamples(samples.rows.filter(pc.not_equal(samples.rows["sample_id"], "a3")))
    with pytest.raises(UserError, match="The catalogue does not accept a3, which has an embedding"):
        shown_samples(KEYS, small_run.products.embeddings, known, 100, 42)


def test_an_id_of_two_shards_is_shown_once_by_the_embedding_that_counts(samples, tmp_path):
    """Where corpora overlap, the catalogue accepts a sample in one shard alone."""
    about = {"left_out": {"a0": "has no pair of dates"}}
    for key, ids, side in zip(KEYS, (IDS[KEYS[0]], ["a3", *IDS[KEYS[1]]]), (0, 1), strict=True):
        values = np.tile(np.eye(1024, dtype=np.float32)[side], (len(ids), 1))
        write_embeddings(key.part(tmp_path, ".parquet"), ids, values, about if side else {})
    shown = shown_samples(KEYS, tmp_path, samples, 100, 42)
    assert shown.ids.tolist() == NAMES
    assert shown.total == 24
    assert shown.embeddings[NAMES.index("a3")].argmax() == 0
    assert shown.by_shard() == IDS
    assert shown.left_out == {}, "a0 was left out where it does not count"


def test_no_embedding_at_all_is_a_sentence(samples, tmp_path):
    for key in KEYS:
        write_embeddings(key.part(tmp_path, ".parquet"), [], np.zeros((0, 1024), np.float32), {})
    with pytest.raises(UserError, match="holds no embedding; every sample was refused"):
        shown_samples(KEYS, tmp_path, samples, 100, 42)


@pytest.fixture
def vectors():
    """Two groups of directions."""
    random = np.random.default_rng(1)
    values = random.normal(size=(40, 64)) + 4 * (np.arange(40) % 2)[:, None]
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def test_principal_components_are_those_of_the_singular_values(vectors):
    flat = flatten(vectors, Report(projection="pca"), 42)
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, values, directions = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(
        np.abs(flat.places), np.abs(centred @ directions[:2].T), rtol=1e-4, atol=1e-6
    )
    assert flat.share == pytest.approx((values[:2] ** 2).sum() / (values**2).sum())
    assert flat.way == "pca"


def test_neighbour_maps_are_equal_and_keep_groups_apart(vectors):
    first, again = (flatten(vectors, Report(), 42) for _ in range(2))
    assert first.way == "tsne"
    np.testing.assert_array_equal(first.places, again.places)
    distances = np.linalg.norm(first.places[:, None] - first.places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert ((distances.argmin(axis=1) - np.arange(40)) % 2 == 0).mean() > 0.9


def test_the_way_follows_the_number_of_samples(vectors):
    assert flatten(vectors, Report(tsne_most=39), 42).way == "pca"
    assert flatten(vectors[:5], Report(), 42).way == "pca"


@pytest.mark.parametrize("values", [np.ones((30, 8)), np.ones((1, 8))])
def test_embeddings_that_are_all_alike_lie_on_one_point(values):
    flat = flatten(values.astype(np.float32), Report(), 42)
    assert flat.way == "pca"
    assert flat.share == 0
    np.testing.assert_array_equal(flat.places, np.zeros((len(values), 2)))


def test_neighbours_are_those_that_are_shown(small_run):
    places = {"a0": 0, "a2": 1, "b5": 2}
    alike = read_alike(small_run.products.nearest, places, 2)
    assert alike.neighbours == [[1], [], []]
    assert alike.cosines == [[0.9], [], []]


def test_a_sample_without_neighbours_is_a_sentence(small_run, tmp_path):
    table = pq.read_table(small_run.products.nearest)
    pq.write_table(table.slice(1), tmp_path / "nearest.parquet")
    with pytest.raises(UserError, match="lists nothing for a0, which has an embedding"):
        read_alike(tmp_path / "nearest.parquet", {"a0": 0, "a1": 1}, 2)


def test_a_table_of_something_else_is_a_sentence(tmp_path):
    pq.write_table(pa.table({"id": ["a0"]}), tmp_path / "nearest.parquet")
    with pytest.raises(UserError, match="is missing or damaged"):
        read_alike(tmp_path / "nearest.parquet", {"a0": 0}, 2)


def test_how_often_neighbours_agree():
    alike = Alike([[1, 2], [0], [3], []], [[1, 1], [1], [1], []])
    # pairs with two classes known: 0-1 same, 0-2 not, 1-0 same; 3 has none
    found = agreement(alike, np.array([1, 1, 2, 0]))
    assert found == pytest.approx((2 / 3, 1 / 3))
    assert agreement(alike, np.zeros(4, np.int64)) is None


def test_the_page_says_how_often_neighbours_agree(small_run):
    text = small_run.make("agree.html", sections=["map"], neighbours=2).read_text()
    # two and four samples on, classes alternate: all alike; 2 * 12 * 11 of 24 * 23 pairs are
    assert "Of the 2 samples most like one, 100\u00a0% have the same" in text
    assert "of any two samples 48\u00a0% have" in text


def test_without_labels_splits_give_the_colours(small_run):
    products = replace(small_run.products, labels=None)
    text = small_run.make("bare.html", products, sections=["map", "labels"]).read_text()
    assert '"names":["train","validation","test","buffer"]' in text
    assert "There are no labels: give some by <code>labels.path</code>" in text


def test_a_share_of_the_samples_is_said(small_run):
    text = small_run.make("share.html", sections=["data", "map"], points=10).read_text()
    assert "10 of 24 samples are drawn at random and have pictures" in text
    assert "10 of 26 are drawn." in text
