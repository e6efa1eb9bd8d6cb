"""The features `fusion` by the workflow: simulated Sentinel-2 when it is needed, real pairs."""

import pandas as pd
import pytest
import yaml

from speckle2vec.products.cubes import open_cubes

CLOSER = ("--config", "preprocess={fusion: {days: 1}}")
CUBES = "results/cubes/fusion/tiny/val-000001.zarr.zip"


def test_sentinel_2_is_drawn_only_where_the_features_need_it(finished):
    assert "simulate" not in finished.planned()
    made = finished.planned(CUBES)
    assert made == {"preprocess": 1, "simulate": 1}
    finished.make(CUBES)
    with open_cubes(finished.folder / CUBES) as cubes:
        assert cubes.cubes.shape == (32, 14, 264, 264)
        assert cubes.attributes["left_out"] == {}
        means = dict(zip(cubes.features, cubes.moments.mean.mean(axis=0), strict=True))
    assert 0.02 < means["B04"] < means["B08"] < 0.7
    assert -25 < means["VH"] < means["VV"] < -5
    assert not finished.planned(CUBES)
    assert finished.planned(CUBES, *CLOSER) == {"preprocess": 1}
    assert not finished.planned(*CLOSER)


def test_a_corpus_without_sentinel_2_is_told_before_any_work(fresh, shared):
    config = yaml.safe_load((fresh.folder / "config/experiments/ssl4eo-patch.yaml").read_text())
    config |= {"data": str(shared), "model": {"features": "fusion"}}
    (fresh.folder / "mine.yaml").write_text(yaml.safe_dump(config))
    done = fresh.snakemake(config="mine.yaml")
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert "need Sentinel-2, and corpus 'patch' has none: declare its files" in done.stdout
    assert not (fresh.folder / "results").exists()
    told = fresh.cli(
        "preprocess", "--config", "mine.yaml", "--shard", "patch/0000200", "--features", "fusion",
        "--catalogue", "part.parquet", "--output", "cubes.zarr.zip",
    )  # fmt: skip
    assert told.returncode == 1
    assert "Traceback" not in told.stderr


def test_real_pairs_become_embeddings(fresh, shared):
    if not (shared / "ssl4eo-s12-0000200").is_dir():
        pytest.skip(f"the real data ssl4eo-s12-0000200 are not at {shared}")
    path = fresh.folder / "config" / "experiments" / "ssl4eo-patch-fusion.yaml"
    config = yaml.safe_load(path.read_text())
    config["data"] = str(shared)
    config["model"]["method"] = "none"
    path.write_text(yaml.safe_dump(config))
    fresh.make(config=str(path))
    results = fresh.folder / "results"
    catalogue = pd.read_parquet(results / "catalogue.parquet")
    assert (catalogue["verdict"] == "accepted").sum() == 32
    ids = pd.read_csv(results / "embeddings.csv", dtype={"id": str})["id"]
    assert len(ids) == 16
    assert ids.str.endswith("_20200607").all()
    (log,) = results.glob("logs/preprocess/fusion/*/*.log")
    assert "patch/0000200: 16 of 32 samples have no pair within 3 days" in log.read_text()
    exported = (results / "logs/export.log").read_text()
    assert "16 of 32 samples are not exported" in exported
