import pytest

from speckle2vec.plan import Plan
from speckle2vec.settings.load import parse_settings


@pytest.fixture
def plan_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(labels=None, **changes):
        corpora = {"tiny": {"source": "simulated", "size": "tiny"}}
        return Plan(parse_settings({"corpora": corpora, "labels": labels or {}, **changes}, "t"))

    return make


def test_labels_depend_on_their_settings_and_code_only(plan_of):
    before = plan_of()
    assert plan_of({"level": 2}).labels() != before.labels()
    assert plan_of(pretrain={"epochs": 3}, seed=9).labels() == before.labels()
    other = plan_of({"level": 2})
    assert other.pretrain("simclr", "cnn-transformer") == before.pretrain(
        "simclr", "cnn-transformer"
    )
    assert other.preprocess("tiny", "sar-temporal") == before.preprocess("tiny", "sar-temporal")


def test_each_source_counts_its_own_code(plan_of):
    where = {"path": "x", "classes": {1: "a"}}
    vector, raster = (plan_of({**where, "source": kind}).labels() for kind in ("vector", "raster"))
    assert vector["code"] != raster["code"]


def test_where_the_labels_lie_is_an_input_and_no_setting(plan_of, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("a.gpkg", "b.gpkg"):
        (tmp_path / "data" / name).touch()
    plans = [
        plan_of({"source": "vector", "path": name}, data=str(tmp_path / "data"))
        for name in ("a.gpkg", "b.gpkg")
    ]
    assert plans[0].labels() == plans[1].labels()
    files = [plan.label_files("tiny", "train-000001") for plan in plans]
    assert files == [[str(tmp_path / "data" / name)] for name in ("a.gpkg", "b.gpkg")]


def test_the_demo_is_labelled_from_what_it_was_drawn_from(plan_of):
    assert plan_of().label_files("tiny", "val-000001") == ["results/corpora/tiny/landcover.gpkg"]


def test_labels_that_are_missing_are_told_by_the_job_and_not_by_the_plan(plan_of):
    assert (
        plan_of({"source": "vector", "path": "none.gpkg"}).label_files("tiny", "train-000001") == []
    )
