import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.planning.tiny_plan import CONFIG, make_plan

from speckle2vec.errors import UserError
from speckle2vec.plan import settings_of
from speckle2vec.products.keys import parse_keys
from speckle2vec.settings.load import load_settings


def test_relative_data_start_from_the_repository(tmp_path):
    assert settings_of({**CONFIG, "data": "mine"}, tmp_path).data == str(tmp_path / "mine")
    assert settings_of({**CONFIG, "data": "/far"}, tmp_path).data == "/far"
    assert settings_of({**CONFIG, "data": "s3://bucket"}, tmp_path).data == "s3://bucket"


def test_shards_and_their_files(plan):
    assert [str(key) for key in plan.keys] == ["tiny/train-000001", "tiny/val-000001"]
    assert plan.raw("tiny", "val-000001") == [
        "results/corpora/tiny/val/S1GRD/ssl4eos12_val_seasonal_data_000001.zarr.zip"
    ]
    with pytest.raises(UserError, match="There is no shard tiny/nine"):
        plan.raw("tiny", "nine")


def test_parts(plan):
    assert plan.parts("results/catalogue", ".parquet") == [
        "results/catalogue/tiny/train-000001.parquet",
        "results/catalogue/tiny/val-000001.parquet",
    ]
    only = make_plan(pretrain={"shards": ["tiny/train-*"]})
    assert only.parts("c", ".zip", pretraining=True) == ["c/tiny/train-000001.zip"]


def test_settings_are_written_by_content_and_read_back(plan):
    path = plan.written_settings()
    assert load_settings(path) == plan.settings
    assert plan.written_settings() == path
    assert make_plan(seed=7).written_settings() != path
    assert yaml.safe_load(path.read_text())["seed"] == 42


def test_keys_are_written_and_read_back(plan):
    assert parse_keys(plan.written_keys().read_text().splitlines()) == plan.keys


def rules(plan):
    """What every rule depends on, by rule."""
    return {
        "simulation": plan.simulation("tiny"),
        "ingest": plan.ingest("tiny"),
        "catalogue": plan.catalogue(),
        "preprocess": plan.preprocess("tiny", "sar-temporal"),
        "statistics": plan.statistics(),
        "neighbours": plan.neighbours(),
        "pretrain": plan.pretrain("simclr", "cnn-transformer"),
        "embed": plan.embed("cnn-transformer"),
        "export": plan.export(),
        "geoparquet": plan.geoparquet(),
        "data_card": plan.data_card(),
    }


@pytest.mark.parametrize(
    ("changes", "affected"),
    [
        ({"embed": {"threads": 2}}, {"embed"}),
        ({"pretrain": {"epochs": 3}}, {"pretrain"}),
        ({"pretrain": {"simclr": {"temperature": 0.1}}}, {"pretrain"}),
        ({"pretrain": {"cnn_transformer": {"dropout": 0}}}, {"pretrain"}),
        ({"pretrain": {"simclr": {"learning_rate": 1e-3}}}, {"pretrain"}),
        ({"pretrain": {"simclr": {"learning_rate": 1e-4}, "learning_rate": 0.1}}, {"pretrain"}),
        ({"pretrain": {"vae": {"learning_rate": 1e-3}}}, set()),
        ({"pretrain": {"checkpoint_minutes": 1}}, set()),
        ({"pretrain": {"memory_gb": 1}}, set()),
        ({"pretrain": {"shards": ["*/train-*"]}}, {"pretrain", "statistics", "neighbours"}),
        ({"neighbours": {"radius": 2}}, {"neighbours"}),
        ({"splits": {"block_km": 10}}, {"catalogue", "statistics", "neighbours", "data_card"}),
        ({"preprocess": {"sar_temporal": {"order": "season"}}}, {"preprocess"}),
        (
            {"seed": 7},
            {"simulation", "catalogue", "statistics", "neighbours", "pretrain", "data_card"},
        ),
        ({"model": {"encoder": "resnet18"}}, {"geoparquet", "data_card"}),
        ({"data": "elsewhere"}, set()),
    ],
)
def test_a_setting_reaches_the_rules_that_read_it_and_no_other(plan, changes, affected):
    before, after = rules(plan), rules(make_plan(**changes))
    assert {rule for rule in before if before[rule] != after[rule]} == affected


def test_only_tile2vec_by_table_asks_for_the_table_of_neighbours(plan):
    assert plan.neighbours_table("tile2vec") == ["results/neighbours.parquet"]
    assert plan.neighbours_table("simclr") == []
    by_patch = make_plan(pretrain={"tile2vec": {"neighbour": "patch"}})
    assert by_patch.neighbours_table("tile2vec") == []


def test_a_plan_needs_no_heavy_library():
    """It is made at every start of Snakemake, on every node of a cluster."""
    program = (
        "import sys; import speckle2vec.plan;"
        "heavy = {'torch', 'zarr', 'rasterio', 'cv2', 'dask', 'xarray'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_where_a_corpus_lies_is_no_dependency():
    corpora = [
        {"mine": {"source": "ssl4eo", "path": str(Path("/a")), "shards": shards}}
        for shards in ("*", "train-*")
    ]
    first, second = (make_plan(corpora=corpus) for corpus in corpora)
    assert first.ingest("mine") == second.ingest("mine")


def test_the_settings_are_written_once_however_many_jobs_ask(plan, monkeypatch):
    written, original = [], yaml.safe_dump
    monkeypatch.setattr(yaml, "safe_dump", lambda *a, **k: written.append(1) or original(*a, **k))
    assert len({plan.written_settings() for _ in range(5)}) == 1
    assert len(written) == 1


def test_corpora_of_one_source_by_name():
    plan = make_plan()
    assert re.fullmatch(plan.named("simulated"), "tiny")
    assert not re.fullmatch(plan.named("simulated"), "tiny2")
    assert not re.search(plan.named("stac"), "tiny")
