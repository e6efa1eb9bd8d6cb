"""What the rules of OpenStreetMap depend on, and its commands."""

from pathlib import Path

import geopandas as gpd
import pytest

from speckle2vec.cli import main
from speckle2vec.plan import Plan
from speckle2vec.settings.load import parse_settings

TWO = {
    "tiny": {"source": "simulated", "size": "tiny"},
    "b": {"source": "simulated", "size": "tiny"},
}


@pytest.fixture
def plan_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(data=".", corpora=TWO, **osm):
        labels = {"source": "osm"} if osm.pop("labelled", False) else {}
        values = {"data": data, "corpora": corpora, "osm": osm, "labels": labels}
        return Plan(parse_settings(values, "test"))

    return make


def test_features_read_the_catalogue_of_their_corpus_alone(plan_of):
    assert plan_of().corpus_parts("b", "results/catalogue", ".parquet") == [
        "results/catalogue/b/train-000001.parquet", "results/catalogue/b/val-000001.parquet",
    ]  # fmt: skip


def test_files_that_are_there_are_watched(plan_of, tmp_path):
    (tmp_path / "a.osm.pbf").touch()
    assert plan_of(path="a.osm.pbf", outline="none.gpkg").osm_files() == ["a.osm.pbf"]
    assert plan_of().osm_files() == []


def test_only_what_changes_the_features_makes_them_again(plan_of):
    plain = plan_of(path="a.osm.pbf").osm_features("tiny")
    assert plan_of(path="b.osm.pbf", index="file").osm_features("tiny") == plain
    for changed in ({"themes": ["water"]}, {"around": 99}, {"themes": ["roads", "water"]}):
        assert plan_of(path="a.osm.pbf", **changed).osm_features("tiny") != plain
    whole = plan_of(
        themes=list(dict.fromkeys(c.theme for c in plan_of().settings.osm.table.values()))
    )
    assert whole.osm_features("tiny") == plain


def test_labels_are_made_of_the_layers_of_their_shard(plan_of):
    plan = plan_of(labelled=True)
    assert plan.label_files("b", "val-000001") == ["results/osm/b/val-000001.zarr.zip"]
    assert plan.labels() != plan_of().labels()


def test_the_commands(place, extract, capsys, monkeypatch, in_metres):
    monkeypatch.chdir(place.folder)
    extract.square(200, 200, 100, building="yes")
    extract.write(place.folder / "tiny.osm.pbf")
    place.write_samples()
    Path("shards.txt").write_text("tiny/train-000001\n")
    Path("config.yaml").write_text(
        "data: .\ncorpora: {tiny: {source: simulated}}\nosm: {path: tiny.osm.pbf}\n"
    )
    features = ["osm-features", "--config", "config.yaml", "--shards", "shards.txt",
                "--catalogue", "catalogue", "--output", "out/features.parquet"]  # fmt: skip
    layers = ["osm-layers", "--config", "config.yaml", "--shard", "tiny/train-000001",
              "--catalogue", "catalogue/tiny/train-000001.parquet",
              "--features-file", "out/features.parquet", "--output", "out/a.zarr.zip"]  # fmt: skip
    assert main([*features, "--corpus", "tiny"]) == 0
    assert main(layers) == 0
    assert Path("out/a.zarr.zip").exists()
    assert main([*features, "--corpus", "other"]) == 1
    outlines = ["osm-outlines", *features[1:-1], "out/outlines.geojson", "--corpus", "tiny"]
    assert main(outlines) == 0
    (shape,) = gpd.read_file("out/outlines.geojson").geometry
    assert in_metres(shape).area == pytest.approx(700**2, rel=1e-3)  # 640 m and 30 m around
    assert "There is no corpus 'other' with shards; there are tiny." in capsys.readouterr().err
