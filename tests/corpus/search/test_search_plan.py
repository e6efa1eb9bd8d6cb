"""What searching depends on, and the rules."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from speckle2vec.plan import Plan
from speckle2vec.products.candidates import read_candidates
from speckle2vec.settings.load import parse_settings

REPOSITORY = Path(__file__).parents[3]
SHARD, TARGET = "train-000001", "results/corpora/new/candidates.parquet"


def plan_of(folder, provider=None, search=None, sampling=None, **corpus):
    (folder / "x").write_text("")
    new = {
        "source": "stac",
        "sampling": {"outlines": str(folder / "x"), "count": 100, **(sampling or {})},
        "search": {"start": "2021-01-01", "end": "2021-12-31", **(search or {})},
        "provider": provider or {}, **corpus,
    }  # fmt: skip
    return Plan(parse_settings({"corpora": {"new": new}}, "test"))


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"search": {"max_days": 2}}, True),
        ({"size": 128}, True),
        ({"provider": {"url": "http://x"}}, True),
        ({"sampling": {"minimum_km": 5}}, True),
        ({"provider": {"connections": 1, "attempts": 9, "pause_s": 3}}, False),
        ({"sampling": {"count": 120}}, False),
        ({"minimum_valid": 0.5}, False),
    ],
)
def test_a_search_runs_again_where_its_answer_may_change(tmp_path, change, again):
    before, after = (plan_of(tmp_path, **one).image_search("new", SHARD) for one in ({}, change))
    assert (before != after) == again


def test_the_parts_of_a_corpus(tmp_path):
    plan = plan_of(tmp_path)
    parts = [f"results/corpora/new/candidates/train-00000{number}.parquet" for number in (1, 2)]
    assert plan.candidate_parts("new") == parts
    assert plan.candidates("new")["shards"] == parts


def test_the_workflow_draws_searches_and_merges(made, services, tmp_path):
    """The rules run for real; a second start has nothing to do."""
    ring = [[12.9, 48.1], [13.1, 48.1], [13.1, 48.3], [12.9, 48.3], [12.9, 48.1]]
    square = {"type": "Polygon", "coordinates": [ring]}
    land = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": square}]}  # fmt: skip
    (tmp_path / "land.geojson").write_text(json.dumps(land))
    items = [*made.year(step=12), *made.year(make=made.optical, step=5, hour=10)]
    with services.stac_api(items, tmp_path) as address:
        corpus = {
            "source": "stac", "places_per_shard": 3,
            "sampling": {"outlines": str(tmp_path / "land.geojson"), "count": 4},
            "search": {"start": "2021-01-01", "end": "2021-12-31", "samples": "pair"},
            "provider": {"url": address, "pause_s": 0.01},
        }  # fmt: skip
        (tmp_path / "config.yaml").write_text(yaml.safe_dump({"corpora": {"new": corpus}}))
        run(tmp_path)
    table = read_candidates(tmp_path / TARGET)
    assert table["place"].to_pylist() == [f"000000{n}" for n in (1, 1, 2, 2, 3, 3, 4, 4)]
    assert table["role"].to_pylist() == ["S1", "S2"] * 4
    assert "Nothing to be done" in run(tmp_path).stderr


def run(folder):
    options = {"cores": "1", "snakefile": REPOSITORY / "Snakefile", "directory": folder,
               "configfile": folder / "config.yaml"}  # fmt: skip
    told = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", TARGET, *told], cwd=REPOSITORY,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done
