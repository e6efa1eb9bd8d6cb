"""Which label files a shard waits for, where some or all are missing."""

import pytest
from tests.planning.tiny_plan import make_plan

MASKS = {"source": "raster", "path": "masks", "files": "*.tif", "classes": {0: "land"},
         "pattern": r"(?P<place>\w+)\.tif$"}  # fmt: skip


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_layers_of_openstreetmap_are_a_file_a_shard():
    plan = make_plan(labels={"source": "osm"})
    assert [plan.label_files(key.corpus, key.shard) for key in plan.keys] == [
        [f"results/osm/tiny/{shard}.zarr.zip"] for shard in ("train-000001", "val-000001")
    ]


@pytest.mark.parametrize("source", ["vector", "raster"])
def test_a_url_is_no_file_to_wait_for(source):
    plan = make_plan(labels={"source": source, "path": "https://a/clc.tif", "classes": {1: "a"}})
    assert plan.label_files("tiny", "train-000001") == []


@pytest.mark.parametrize("pattern", ["(?P<place>", r"(\w+)\.tif", r"(?P<place>x)y"])
def test_a_pattern_that_finds_nothing_is_told_by_the_job(tmp_path, pattern):
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "a.tif").touch()
    plan = make_plan(labels={**MASKS, "pattern": pattern}, data=str(tmp_path))
    assert plan.label_files("tiny", "train-000001") == []


def test_a_shard_that_is_not_there_waits_for_nothing():
    assert make_plan().label_files("tiny", "train-000009") == []


def test_of_openstreetmap_those_files_are_waited_for_that_are_there(tmp_path):
    def found(**osm):
        return make_plan(data=str(tmp_path), osm=osm).osm_files()

    both = {"path": "a.osm.pbf", "outline": "a.gpkg"}
    assert found() == found(**both) == []
    (tmp_path / "a.gpkg").touch()
    assert found(**both) == [str(tmp_path / "a.gpkg")]
    (tmp_path / "a.osm.pbf").touch()
    assert found(**both) == [str(tmp_path / name) for name in ("a.osm.pbf", "a.gpkg")]
    assert found(path="a.osm.pbf") == [str(tmp_path / "a.osm.pbf")]
    assert found(path="https://a/a.osm.pbf") == []
