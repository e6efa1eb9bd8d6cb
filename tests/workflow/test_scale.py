"""Many shards: the plan counts them, and the default profile's scheduler runs each job once."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

PUBLISHED = "config/experiments/ssl4eo.yaml"
SHARDS = 150  # more than the scheduler looks at at a time
STAND_IN = """#!/bin/sh
echo "$3" >> ran
while [ $# -gt 0 ]; do
  case $1 in --output) : > "$2"; shift ;; esac
  shift
done
"""


@dataclass
class Empty:
    """A project over empty files under published names, whose commands only touch."""

    project: object
    raw: Path

    @property
    def config(self):
        return ("--config", f"data={self.raw}")


@pytest.fixture
def empty(fresh, tmp_path, monkeypatch):
    for split, count in {"train": SHARDS - 1, "val": 1}.items():
        shards = tmp_path / "raw" / split / "S1GRD"
        shards.mkdir(parents=True)
        for number in range(1, count + 1):
            (shards / f"ssl4eos12_{split}_seasonal_data_{number:06d}.zarr.zip").touch()
    stand_in = tmp_path / "bin/python"
    stand_in.parent.mkdir()
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    path = fresh.environment["PATH"]
    changed = {**fresh.environment, "PATH": f"{stand_in.parent}{os.pathsep}{path}"}
    monkeypatch.setattr(type(fresh), "environment", property(lambda project: changed))
    return Empty(fresh, tmp_path / "raw")


def test_the_plan_has_three_jobs_a_shard_and_writes_its_settings_once(empty):
    planned = empty.project.planned("results/embeddings.csv", *empty.config, config=PUBLISHED)
    assert planned == {
        "ingest": SHARDS, "preprocess": SHARDS, "embed": SHARDS,
        "catalogue": 1, "statistics": 1, "pretrain": 1, "export": 1,
    }  # fmt: skip
    written = list((empty.project.folder / "results/settings").iterdir())
    assert len(written) < 10  # settings, and lists of keys; not one a job


def test_the_default_profile_runs_every_ready_job_once(empty):
    empty.project.make("results/catalogue.parquet", *empty.config, config=PUBLISHED)
    ran = Counter((empty.project.folder / "ran").read_text().split())
    assert ran == {"ingest": SHARDS, "catalogue": 1}


def test_the_slurm_profile_plans_the_same_jobs(empty):
    planned = empty.project.planned(
        "results/embeddings.csv", "--profile", "profiles/slurm", *empty.config, config=PUBLISHED
    )
    assert planned["ingest"] == planned["preprocess"] == planned["embed"] == SHARDS
