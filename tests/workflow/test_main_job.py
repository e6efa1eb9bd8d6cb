import re

import geopandas
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from speckle2vec.cli import COMMANDS


def test_the_csv_holds_every_accepted_sample_in_catalogue_order(finished_once):
    results = finished_once.folder / "results"
    frame = pd.read_csv(results / "embeddings.csv", dtype={"id": str})
    catalogue = geopandas.read_parquet(results / "catalogue.parquet")
    assert list(frame.columns) == ["id", *map(str, range(1024))]
    accepted = catalogue[catalogue["verdict"] == "accepted"]
    assert frame["id"].tolist() == accepted["sample_id"].tolist()
    assert len(frame) == len(catalogue) == 64
    assert np.isfinite(frame.iloc[:, 1:].to_numpy()).all()
    assert frame.iloc[:, 1:].std().min() > 0


def test_csv_and_parquet_agree(finished_once):
    results = finished_once.folder / "results"
    frame = pd.read_csv(results / "embeddings.csv", dtype={"id": str})
    table = pq.read_table(results / "embeddings.parquet").to_pandas()
    assert table["id"].tolist() == frame["id"].tolist()
    numbers = frame.iloc[:, 1:].to_numpy(np.float32)
    np.testing.assert_array_equal(np.stack(table["embedding"]), numbers)


def test_a_second_run_has_nothing_to_do(finished_once):
    assert not finished_once.planned()
    assert not finished_once.planned("results/embeddings.csv")


def test_the_default_profile_is_found_by_plain_snakemake(fresh):
    """Commands are printed only because the profile says so."""
    text = fresh.make("--dry-run")
    assert "profiles/default" in text
    assert "speckle2vec ingest --config" in text


def test_every_rule_says_what_it_needs(finished_once):
    """Log, benchmark, message: one a rule that makes something."""
    words = ("log:", "benchmark:", "threads:", "resources:", "message:", "shell:")
    for file in (finished_once.folder / "workflow" / "rules").glob("*.smk"):
        for rule in re.split(r"^rule ", file.read_text(), flags=re.MULTILINE)[1:]:
            text = rule.partition("\nuse rule ")[0]
            name = text.partition(":")[0]
            missing = [word for word in words if text.count(f"\n    {word}") != 1]
            assert not missing or "\n    output:" not in text, (file, name, missing)


def test_there_is_a_command_a_stage(finished_once):
    text = finished_once.cli("--help").stdout
    assert set(re.findall(r"^    ([a-z-]+)", text, flags=re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("stage", ["ingest", "preprocess", "embed"])
def test_each_stage_runs_by_hand_and_gives_the_same_bytes(finished, stage):
    """The commands that the log prints can be copied into a shell."""
    results, shard = "results", "tiny/train-000001"
    model = "sar-temporal/simclr/cnn-transformer"
    product, arguments = {
        "ingest": (f"catalogue/{shard}.parquet", ["--shard", shard]),
        "preprocess": (
            f"cubes/sar-temporal/{shard}.zarr.zip",
            ["--shard", shard, "--features", "sar-temporal", "--catalogue",
             f"{results}/catalogue/{shard}.parquet"],
        ),
        "embed": (
            f"embeddings/{model}/{shard}.parquet",
            ["--encoder-file", f"{results}/models/{model}/encoder.safetensors", "--cubes",
             f"{results}/cubes/sar-temporal/{shard}.zarr.zip"],
        ),
    }[stage]  # fmt: skip
    config = ["--config", "config/experiments/tiny.yaml"]
    done = finished.cli(stage, *config, *arguments, "--output", "by-hand")
    assert done.returncode == 0, done.stderr
    by_hand = (finished.folder / "by-hand").read_bytes()
    assert by_hand == (finished.folder / results / product).read_bytes()
