"""Paths in the home of a person whom this machine does not know."""

import pytest

from speckle2vec.errors import UserError
from speckle2vec.plan import Plan, settings_of
from speckle2vec.readers.locations import locate

from .tiny_plan import CONFIG, make_plan

NOWHERE = "~nobody-of-this-name/places.csv"


def test_data_in_an_unknown_home_is_a_folder_that_is_not_there(tmp_path):
    settings = settings_of({**CONFIG, "data": "~nobody-of-this-name/data"}, tmp_path)
    assert settings.data == str(tmp_path / "~nobody-of-this-name/data")


def test_the_home_of_whoever_runs_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert locate("data", "~/places.csv") == str(tmp_path / "places.csv")
    assert settings_of({**CONFIG, "data": "~/data"}, tmp_path).data == str(tmp_path / "data")


def test_a_corpus_in_an_unknown_home_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    corpora = {"own": {"source": "ssl4eo", "path": NOWHERE}}
    with pytest.raises(UserError, match=r"~nobody-of-this-name.*there is no such folder"):
        Plan(settings_of({"corpora": corpora}, tmp_path)).check()


def test_a_run_is_planned_whatever_its_other_files_are_called(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = make_plan(
        places={"mines": {"path": NOWHERE}},
        osm={"path": NOWHERE},
        labels={"source": "vector", "path": NOWHERE},
        probes={"tables": {"own": {"path": NOWHERE}}, "labels": ["own"]},
    )
    assert plan.place_files("mines") == []
    assert plan.osm_files() == []
    assert all(plan.label_files(*key) == [] for key in plan.keys)
    assert plan.label_sources("own")[0].endswith(NOWHERE)
