import pytest
from tests.planning.tiny_plan import make_plan as plan

from speckle2vec.errors import UserError

PARTS = [f"results/labels/tiny/{shard}.zarr.zip" for shard in ("train-000001", "val-000001")]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, PARTS),
        ({"report": {"sections": ["map"]}}, PARTS),
        ({"report": {"sections": ["data", "timings"]}}, []),
        ({"labels": {"source": "vector", "path": "clc.gpkg"}}, PARTS),
        ({"labels": {"source": "osm"}}, []),
        ({"labels": {"source": "osm"}, "osm": {"path": "europe.osm.pbf"}}, PARTS),
    ],
)
def test_labels_are_shown_where_they_stand(changes, parts):
    assert plan(**changes).reported_labels() == parts


def test_the_explorer_shows_labels_whatever_the_page_shows():
    assert plan(report={"sections": ["data"]}).standing_labels() == PARTS
    assert plan(labels={"source": "osm"}).standing_labels() == []


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({"seed": 7}, True),
        ({"report": {"points": 100}}, True),
        ({"report": {"sections": ["data"]}}, False),
        ({"search": {"most": 7}}, False),
    ],
)
def test_the_explorer_depends_on_what_is_drawn(changes, again):
    assert (plan(**changes).explorer() != plan().explorer()) == again


def test_only_tables_that_are_asked_for_are_made():
    assert plan().reported_tables() == []
    asked = plan(report={"sections": ["data", "landcover", "compression", "probes"]})
    assert asked.reported_tables() == [
        "results/compression.csv",
        "results/probes.csv",
        "results/landcover/table.csv",
    ]


def test_the_page_depends_on_every_setting_that_it_prints():
    assert plan(search={"most": 7}).report() != plan().report()
    assert plan().report() == plan().report()


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        ({"sections": ["data", "data"]}, "sections names something twice"),
        ({"sections": []}, "`report.sections` is wrong"),
        ({"sections": ["curves"]}, "`report.sections.0` is wrong"),
        ({"projection": "umap"}, "`report.projection` is wrong"),
        ({"points": 1}, "`report.points` is wrong"),
    ],
)
def test_wrong_settings_are_sentences(report, sentence):
    with pytest.raises(UserError, match=sentence):
        plan(report=report)
