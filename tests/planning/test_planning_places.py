"""Files of labelled places: several sets, seeds, and names that nobody declared."""

from pathlib import Path

import pytest
from tests.planning.tiny_plan import make_plan

GRID = {"methods": ["vae"], "encoders": ["resnet18"], "features": ["sar-temporal", "fusion"],
        "seeds": [3, 42]}  # fmt: skip


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def plan_of(**places):
    return make_plan(places=places, grid=GRID)


def test_what_learns_is_tuned_for_every_seed_and_feature_set_and_nothing_else():
    tuned = plan_of(m={"path": "x", "modes": ["tuned"]}).place_classifiers("m")
    assert tuned == tuple(
        f"{features}/vae/resnet18{seed}/tuned"
        for features in ("sar-temporal", "fusion")
        for seed in ("@3", "")
    )
    both = plan_of(m={"path": "x", "modes": ["tuned", "frozen"]}).place_classifiers("m")
    assert len(set(both)) == len(both) == len(tuned) + len(make_plan(grid=GRID).settings.models)


def test_the_order_of_the_modes_changes_no_dependency():
    orders = [plan_of(m={"path": "x", "modes": modes}).place_curves("m")
              for modes in (["frozen", "tuned"], ["tuned", "frozen"])]  # fmt: skip
    assert orders[0] == orders[1]


def test_each_set_of_places_has_its_own_modes_and_products():
    plan = plan_of(a={"path": "x"}, b={"path": "y", "modes": ["tuned"]})
    assert not any("tuned" in path for path in plan.place_scored("a"))
    assert all("tuned" in path for path in plan.place_scored("b"))
    assert [Path(path).parts[2] for path in plan.place_products()] == ["a", "a", "b", "b"]
    assert plan.place_curves("a") != plan.place_curves("b")
    assert make_plan().place_products() == []


def test_a_name_that_nobody_declared_is_left_to_the_job():
    plan = plan_of(a={"path": "x"})
    assert plan.place_files("other") == []
    assert plan.place_labels("other")["settings"] is None
    assert plan.place_similar("other")["most"] is None
    assert plan.place_classifiers("other") == plan.place_classifiers("a")


def test_a_folder_is_no_file_of_places(tmp_path):
    (tmp_path / "data" / "m.csv").mkdir(parents=True)
    assert plan_of(m={"path": "m.csv"}).place_files("m") == []


def test_the_home_is_a_place_to_keep_them(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "m.csv").touch()
    assert plan_of(m={"path": "~/m.csv"}).place_files("m") == [str(tmp_path / "m.csv")]
