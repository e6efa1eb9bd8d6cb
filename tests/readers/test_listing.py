import subprocess
import sys
from pathlib import Path

import pytest
from tests.readers.listed import MADE, names, touch

from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers import simulated
from speckle2vec.readers.listing import all_shards, list_shards, pretraining_shards
from speckle2vec.readers.locations import locate
from speckle2vec.settings.load import parse_settings


def test_listing_imports_nothing_heavy():
    modules = "speckle2vec.readers.listing, speckle2vec.readers.registry"
    command = [sys.executable, "-c", f"import sys, {modules}; print(*sys.modules)"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "speckle2vec.readers.registry" in loaded
    assert not {"zarr", "rasterio", "odc", "numpy", "xarray", "fsspec"} & set(loaded)


def test_simulated_shards_lie_where_the_workflow_writes_them(settings_of):
    listing = list_shards(settings_of(".", source="simulated", size="tiny"), "mine", MADE)
    assert sorted(listing) == sorted(simulated.simulated_shards("tiny"))
    below = simulated.relative_path("train-000001", "S1GRD")
    assert listing["train-000001"] == (str(MADE / "mine" / below),)


def test_all_shards_follow_the_settings_and_then_the_names(settings_of, tmp_path, fakes):
    touch(tmp_path, *[f"{p}_20200101_VV.tif" for p in "ba"])
    corpora = {"z": fakes.STACK, "sim": {"source": "simulated", "size": "tiny"}}
    keys = all_shards(settings_of(tmp_path, corpora), MADE)
    tiny = sorted(simulated.simulated_shards("tiny"))
    assert keys == (("z", "a"), ("z", "b"), *(("sim", shard) for shard in tiny))


def test_pretraining_sees_what_the_globs_name(settings_of):
    keys = [ShardKey("demo", f"train-{n:06d}") for n in range(1, 6)] + [ShardKey("own", "a")]
    settings = settings_of(".", source="simulated")

    def limited(*globs):
        pretrain = settings.pretrain.model_copy(update={"shards": globs})
        return settings.model_copy(update={"pretrain": pretrain})

    assert pretraining_shards(limited("*/*"), keys) == tuple(keys)
    chosen = pretraining_shards(limited("own/*", "demo/*-00000[12]"), keys)
    assert chosen == (keys[0], keys[1], keys[5])
    with pytest.raises(UserError, match=r"'demo/val-\*', which matches no shard; there are demo/t"):
        pretraining_shards(limited("demo/*", "demo/val-*"), keys)


def test_an_unknown_corpus_is_told(settings_of):
    with pytest.raises(UserError, match="no corpus 'other' in the settings; there are mine"):
        list_shards(settings_of(".", source="simulated"), "other", MADE)


@pytest.mark.parametrize(
    ("data", "path", "location"),
    [
        ("data", "ssl4eo", "data/ssl4eo"),
        ("data", "/big/ssl4eo", "/big/ssl4eo"),
        ("~/data", "ssl4eo", f"{Path.home()}/data/ssl4eo"),
        ("data", "~/ssl4eo", f"{Path.home()}/ssl4eo"),
        ("data", "s3://bucket/ssl4eo/", "s3://bucket/ssl4eo"),
        ("s3://bucket/all/", "ssl4eo", "s3://bucket/all/ssl4eo"),
    ],
)
def test_paths_start_from_data(data, path, location):
    assert locate(data, path) == location


def test_a_url_of_an_unknown_kind_is_told(settings_of):
    settings = settings_of(".", source="ssl4eo", path="nonsense://x")
    with pytest.raises(UserError, match="nonsense://x/train/S1GRD: cannot be read here"):
        names(settings)


def test_a_corpus_cut_from_archives_has_the_shards_its_places_fill(tmp_path):
    corpus = {
        "source": "stac", "places_per_shard": 64, "sampling": {"outlines": "x", "count": 130},
        "search": {"start": "2020-01-01", "end": "2020-12-31"},
    }  # fmt: skip
    found = list_shards(parse_settings({"corpora": {"new": corpus}}, "test"), "new", tmp_path)
    assert list(found) == ["train-000001", "train-000002", "train-000003"]
    expected = "new/train/S1GRD/ssl4eos12_train_seasonal_data_000003.zarr.zip"
    assert found["train-000003"] == (str(tmp_path / expected),)
