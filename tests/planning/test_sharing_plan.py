"""What tells shared cubes apart beside what they depend on."""

from pathlib import Path

import pytest
import yaml

from speckle2vec.planning.chain import ChainPlan
from speckle2vec.products.keys import ShardKey
from speckle2vec.settings.load import parse_settings

EXPERIMENTS = Path(__file__).parents[2] / "config" / "experiments"
SIMULATED = {"source": "simulated"}
URL = "https://data.example/S1GRD/a.zarr.zip"


def plan_of(files, **corpora):
    plan = ChainPlan(parse_settings({"corpora": corpora}, "test"))
    plan.__dict__["_files"] = {ShardKey(*key.split("/")): named for key, named in files.items()}
    plan.__dict__["_optical_files"] = {ShardKey("a", "1"): ("https://data.example/optical",)}
    return plan


@pytest.fixture
def plan():
    files = {"a/1": (URL, "/disk/a"), "a/2": ("/disk/b",), "b/1": ("/disk/a",)}
    return plan_of(files, a=SIMULATED, b=SIMULATED)


def test_cubes_of_another_name_are_others(plan):
    names = [("a", "1", "fusion"), ("a", "1", "sar-temporal"), ("a", "2", "sar-temporal"),
             ("b", "1", "sar-temporal")]  # fmt: skip
    told = [plan.sharing(*name)["cubes"] for name in names]
    assert told == ["fusion/a/1", "sar-temporal/a/1", "sar-temporal/a/2", "sar-temporal/b/1"]


def test_what_cannot_be_read_beforehand_is_known_by_its_address(plan):
    assert plan.remote("a", "1") == plan.remote("a", "1", "sar-temporal") == [URL]
    assert plan.remote("a", "1", "fusion") == [URL, "https://data.example/optical"]
    assert plan.remote("a", "2", "sar-temporal") == []


def test_versions_of_libraries_tell_cubes_apart(plan, monkeypatch):
    assert plan.sharing("a", "2", "sar-temporal")["versions"].keys() >= {"numpy", "zarr"}


def test_what_an_archive_gave_stays_with_its_run(plan, tmp_path, monkeypatch):
    assert plan.sharing("a", "2", "sar-temporal")["run"] == "any"
    corpora = yaml.safe_load((EXPERIMENTS / "europe-1000.yaml").read_text())["corpora"]
    ((name, corpus),) = corpora.items()
    archive = plan_of({f"{name}/1": ()}, **{name: corpus})
    told = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        monkeypatch.chdir(folder)
        told.append(archive.sharing(name, "1", "sar-temporal")["run"])
    assert told == [str(tmp_path / "one"), str(tmp_path / "two")]
