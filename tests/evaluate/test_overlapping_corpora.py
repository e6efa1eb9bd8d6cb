"""Samples that stand in the parts of two shards count where the merged catalogue accepts them."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.evaluate.codes.encode import encode_model
from speckle2vec.evaluate.places.classifier import score_places
from speckle2vec.evaluate.places.ranking import rank_similar
from speckle2vec.evaluate.probes.groups import probe_groups
from speckle2vec.evaluate.probes.target import collect_target
from speckle2vec.evaluate.search.rows import rows_of_parts
from speckle2vec.products.accepted import read_accepted
from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.products.codes import decode
from speckle2vec.products.embeddings import WIDTH, write_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.labels import LabelClass
from speckle2vec.products.place_labels import SCHEMA as PLACED
from speckle2vec.products.place_labels import PlaceTarget, write_place_target

MODEL = "sar-temporal/none/pca"
OTHER = ShardKey("another", "train-000000")
CLASSES = (LabelClass(1, 100, "town", "#ff0000"), LabelClass(2, 500, "water", "#0000ff"))
PROBES = {"strengths": [0.1], "folds": 4, "draws": 100}


@pytest.fixture
def overlapping(corpus, signal):
    """A corpus, and the same after another whose only shard repeats 100 of its samples."""
    corpus.write_catalogue(**{
        name: {"place": f"{'abcde'[row // 8 % 5]}_{row}"} for row, name in enumerate(corpus.ids)
    })  # fmt: skip
    corpus.embed(MODEL, signal)
    folder = corpus.folder / "overlapping"
    folder.mkdir()
    for name in ("embeddings", "labels"):
        (folder / name).symlink_to(corpus.folder / name)
    repeated = corpus.ids[50:150].tolist()
    table = pq.read_table(corpus.catalogue)
    rows = [
        {**row, "corpus": OTHER.corpus, "shard": OTHER.shard, "row": number, "split": "test",
         "verdict": "refused", "reason": "taken"}
        for number, row in enumerate(table.slice(50, 100).to_pylist())
    ]  # fmt: skip
    other = pa.Table.from_pylist(rows, SCHEMA)
    pq.write_table(pa.concat_tables([other, table]), folder / "catalogue.parquet")
    wrong = np.random.default_rng(9).normal(9, 9, (100, WIDTH)).astype(np.float32)
    write_embeddings(
        OTHER.part(corpus.folder / "embeddings" / MODEL, ".parquet"), repeated, wrong, {}
    )
    return corpus, replace(corpus, folder=folder, keys=(OTHER, *corpus.keys))


def _write_labels(corpus, keys, count=120):
    """A third of town and the rest of water, or the other way round in the other corpus."""
    for number, key in enumerate(keys):
        rasters = [np.full((3, 3), 2, np.uint8) for _ in range(count)]
        for row, raster in enumerate(rasters):
            raster[: 2 if (row % 3 == 0) != (key == OTHER) else 1] = 1
        names = corpus.ids[number * count : number * count + count].tolist()
        samples = [
            SampleLabels(name, row, raster, 1.0)
            for row, (name, raster) in enumerate(zip(names, rasters, strict=True))
        ]
        path = key.part(corpus.folder / "labels", ".zarr.zip")
        write_labels(path, samples, [(3, 3)] * count, CLASSES, lambda: {"level": 3})


def probe(corpus):
    return corpus.probe(MODEL, corpus.write_target())


def groups(corpus):
    output = corpus.folder / "groups.csv"
    probe_groups(
        corpus.settings(probes=PROBES), corpus.keys, [MODEL], corpus.write_target(),
        corpus.catalogue, corpus.folder / "embeddings", output,
    )  # fmt: skip
    return output


def encode(corpus):
    output = corpus.folder / "int8.parquet"
    encode_model(
        corpus.settings(), "int8", corpus.keys, corpus.catalogue,
        corpus.folder / "embeddings" / MODEL, output,
    )  # fmt: skip
    return output


def place_labels(corpus):
    rows = np.argsort(corpus.ids)[::2]
    columns = (corpus.ids, corpus.labels, corpus.blocks, corpus.splits)
    table = pa.table([*(column[rows].tolist() for column in columns), [1] * len(rows)], PLACED)
    path = corpus.folder / "labels_of_places.parquet"
    write_place_target(PlaceTarget("m", ("forest", "town", "water"), "water", {}, table), path)
    return path


def place_scores(corpus):
    output = corpus.folder / "scores.parquet"
    score_places(
        corpus.settings(probes=PROBES), corpus.keys, place_labels(corpus), corpus.catalogue,
        corpus.folder / "embeddings" / MODEL, output,
    )  # fmt: skip
    return output


def similar(corpus):
    output = corpus.folder / "similar.csv"
    rank_similar(
        100, corpus.keys, place_labels(corpus), place_scores(corpus), corpus.catalogue,
        corpus.folder / "embeddings" / MODEL, output,
    )  # fmt: skip
    return output


def collect(corpus, label):
    output = corpus.folder / f"{label}.parquet"
    collect_target(
        corpus.settings(), label, corpus.keys, corpus.catalogue, corpus.folder / "labels", output
    )
    return output.read_bytes()


@pytest.mark.parametrize("make", [probe, groups, encode, place_scores, similar])
def test_what_another_corpus_repeats_changes_nothing(overlapping, make):
    alone, beside = overlapping
    expected = make(alone).read_bytes()
    assert make(beside).read_bytes() == expected


def test_labels_that_another_corpus_repeats_change_nothing(overlapping):
    alone, beside = overlapping
    _write_labels(alone, alone.keys)
    _write_labels(replace(alone, ids=alone.ids[50:150]), [OTHER], 100)
    for label in ("land-cover", "water-share"):
        assert collect(beside, label) == collect(alone, label)


def test_codes_hold_every_sample_once(overlapping):
    ids, _ = decode(encode(overlapping[1]))
    assert sorted(ids) == sorted(overlapping[0].ids)


def test_samples_are_known_by_their_shard(overlapping):
    alone, beside = overlapping
    samples = read_accepted(beside.catalogue, ["split"], beside.keys)
    assert len(samples.rows) == 480
    assert len(samples.of(OTHER)) == 0
    assert not samples.counting(OTHER, alone.ids.tolist()).any()
    first = alone.keys[0]
    assert samples.of(first)["sample_id"].to_pylist() == alone.ids[:120].tolist()
    assert samples.of(first)["split"].to_pylist() == alone.splits[:120].tolist()
    assert samples.counting(first, ["none", *alone.ids[118:122]]).tolist() == [
        False, True, True, False, False
    ]  # fmt: skip


def test_search_finds_them_once(overlapping):
    alone, beside = overlapping
    folder = beside.folder / "embeddings" / MODEL
    found = rows_of_parts(beside.keys, beside.catalogue, folder)
    own = rows_of_parts(alone.keys, alone.catalogue, folder)
    assert found.places["id"].to_pylist() == own.places["id"].to_pylist()
    rows = np.arange(480)
    np.testing.assert_array_equal(found.take(rows), own.take(rows))
