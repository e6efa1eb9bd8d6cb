"""Whole products of another shard, seed or model are refused by what they say of themselves."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.faults.few_products import STATISTICS, encoder

from speckle2vec.errors import UserError
from speckle2vec.products.belonging import check_belongs
from speckle2vec.products.catalogue import (
    PART,
    SCHEMA,
    about_catalogue,
    read_catalogue,
    read_catalogue_part,
    write_catalogue,
    write_part,
)
from speckle2vec.products.embeddings import about_table, check_parts, write_embeddings
from speckle2vec.products.encoders import check_trained, digest_of, promise_of, read_encoder
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.statistics import read_statistics, write_statistics
from speckle2vec.settings.load import parse_settings

ONE, OTHER = ShardKey("a", "1"), ShardKey("a", "2")
VALUES = np.ones((1, 1024), np.float32)


def settings(**values):
    return parse_settings({"corpora": {"a": {"source": "simulated"}}, **values}, "test")


def test_what_is_not_said_is_taken_on_trust(tmp_path):
    check_belongs(tmp_path / "a", {}, {"shard": "1"})
    check_belongs(tmp_path / "a", {"shard": "1", "more": 2}, {"shard": "1"})
    with pytest.raises(UserError, match=r"a: is another's file \(shard 2, not 1\); remove it"):
        check_belongs(tmp_path / "a", {"shard": "2"}, {"shard": "1"})


def test_a_catalogue_is_of_its_shards_seed_and_splits(tmp_path):
    path, mine = tmp_path / "part.parquet", settings(seed=3)
    write_catalogue(SCHEMA.empty_table(), path, about_catalogue([ONE], mine))
    assert len(read_catalogue_part(path, ONE, ["row"], mine.drawn)) == 0
    assert len(read_catalogue(path, ["row"], [ONE], mine.drawn)) == 0
    with pytest.raises(UserError, match=r"part.parquet: .*shards \['a/1'\], not \['a/2'\]"):
        read_catalogue_part(path, OTHER)
    with pytest.raises(UserError, match=r"part.parquet: .* it lacks 1, such as a/2"):
        read_catalogue(path, keys=[ONE, OTHER])
    with pytest.raises(UserError, match="seed 3, not 4"):
        read_catalogue_part(path, ONE, drawn=settings(seed=4).drawn)
    with pytest.raises(UserError, match=r"file \(splits"):
        read_catalogue(path, drawn=settings(seed=3, splits={"block_km": 7}).drawn)


def test_a_part_is_of_its_shard_and_put_into_splits_by_whoever_asks(tmp_path):
    path, row = tmp_path / "part.parquet", dict.fromkeys(PART.names)
    row |= {"sample_id": "s", "corpus": "a", "shard": "1", "row": 0, "place": "p",
            "longitude": 8.0, "latitude": 48.0, "verdict": "accepted", "reason": ""}  # fmt: skip
    rows = [row, {**row, "row": 1, "longitude": None}, {**row, "row": 2, "place": "named"}]
    write_part(pa.Table.from_pylist(rows, PART), path, ONE)
    assert read_catalogue_part(path, ONE, ["row", "place"]).column_names == ["row", "place"]
    with pytest.raises(UserError, match=r"shards \['a/1'\], not \['a/2'\]"):
        read_catalogue_part(path, OTHER, ["row"])
    found = []
    for seed, shares in ((3, {"train": 1, "validation": 0, "test": 0}),
                         (4, {"train": 0, "validation": 1, "test": 0})):  # fmt: skip
        drawn = settings(seed=seed, splits={**shares, "places": {"named": "test"}}).drawn
        table = read_catalogue_part(path, ONE, ["split", "block"], drawn)
        found.append((table["split"].to_pylist(), table["block"].to_pylist()))
    assert [splits for splits, _ in found] == [
        ["train", None, "test"], ["validation", None, "test"]
    ]  # fmt: skip
    assert found[0][1] == found[1][1]
    assert found[0][1][1:] == [None, "named"]
    assert pq.read_schema(path).names == PART.names


def test_a_catalogue_of_an_earlier_version_is_read(tmp_path):
    path = tmp_path / "part.parquet"
    write_catalogue(SCHEMA.empty_table(), path)
    assert len(read_catalogue_part(path, ONE, drawn=settings().drawn)) == 0
    assert len(read_catalogue(path, keys=[ONE])) == 0


@pytest.mark.parametrize("changed", ["mean", "fingerprint", "calibration"])
def test_a_number_that_changed_in_statistics_is_damage(tmp_path, changed):
    path = tmp_path / "statistics.json"
    write_statistics(STATISTICS, path, {"seed": 3})
    assert read_statistics(path, {"seed": 3}) == STATISTICS
    with pytest.raises(UserError, match="seed 3, not 4"):
        read_statistics(path, {"seed": 4})
    told = json.loads(path.read_text())
    told[changed] = [-12.5] if changed == "mean" else "other"
    path.write_text(json.dumps(told))
    with pytest.raises(UserError, match=r"statistics.json: is missing or damaged \(it has changed"):
        read_statistics(path)


def test_parts_are_of_their_shards_and_of_one_encoder(tmp_path):
    file = tmp_path / "encoder.safetensors"
    encoder(file)
    for key in (ONE, OTHER):
        about = {**key._asdict(), "encoder": digest_of(file)}
        write_embeddings(key.part(tmp_path, ".parquet"), ["x"], VALUES, about)
    assert check_parts([ONE, OTHER], tmp_path) == digest_of(file)
    assert check_parts([ONE, OTHER], tmp_path, file) == digest_of(file)
    part = OTHER.part(tmp_path, ".parquet")
    write_embeddings(part, ["x"], VALUES, {**OTHER._asdict(), "encoder": "0123456789abcdef"})
    with pytest.raises(UserError, match=r"a/2.parquet: comes from the encoder 0123456789ab, and"):
        check_parts([ONE, OTHER], tmp_path)
    with pytest.raises(UserError, match=r"a/2.parquet: comes from .*encoder.safetensors is of"):
        check_parts([OTHER], tmp_path, file)
    with pytest.raises(UserError, match=r"a/1.parquet: is missing, damaged or no table of emb"):
        about_table(ONE.part(tmp_path, ".parquet"))
    part.write_bytes(ONE.part(tmp_path, ".parquet").read_bytes())
    with pytest.raises(UserError, match=r"a/2.parquet: is another's file \(shard 1, not 2\)"):
        check_parts([OTHER], tmp_path)


def test_a_table_of_all_shards_says_what_made_it(tmp_path):
    write_embeddings(tmp_path / "all", ["x"], VALUES, {"encoder": "e", "shards": ["a/1"]})
    assert about_table(tmp_path / "all") == {"encoder": "e", "shards": ["a/1"]}


def test_an_encoder_is_its_models(tmp_path):
    encoder(tmp_path / "encoder.safetensors")
    made = read_encoder(tmp_path / "encoder.safetensors")
    made = replace(made, recipe={"feature_set": "fusion"})
    check_trained(tmp_path, made, promise_of("fusion/simclr/cnn-transformer", 1))
    check_trained(tmp_path, made, promise_of("fusion/simclr/cnn-transformer@1", 7))
    for model, told in (
        ("sar-temporal/simclr/cnn-transformer", "features fusion, not sar-temporal"),
        ("fusion/vae/cnn-transformer", "method simclr, not vae"),
        ("fusion/simclr/resnet18", "architecture cnn-transformer, not resnet18"),
        ("fusion/simclr/cnn-transformer@2", "seed 1, not 2"),
    ):
        with pytest.raises(UserError, match=told):
            check_trained(tmp_path, made, promise_of(model, 1))


def test_metadata_of_a_catalogue_are_plain(tmp_path):
    write_catalogue(SCHEMA.empty_table(), tmp_path / "a", about_catalogue([ONE], settings()))
    stored = pa.parquet.read_schema(tmp_path / "a")
    assert stored.metadata[b"block"] == SCHEMA.metadata[b"block"]
    assert json.loads(stored.metadata[b"speckle2vec"])["shards"] == ["a/1"]
