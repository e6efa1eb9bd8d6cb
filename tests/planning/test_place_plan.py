"""What the rules of labelled places depend on."""

import pytest

from speckle2vec.plan import Plan
from speckle2vec.settings.load import parse_settings

GRID = {"methods": ["none", "simclr"], "baselines": ["pca"], "seeds": [42, 7]}


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def plan(seed=42, probes=None, **places):
        return Plan(parse_settings({
            "corpora": {"tiny": {"source": "simulated"}}, "data": str(tmp_path), "seed": seed,
            "grid": GRID, "probes": probes or {}, "places": {"mines": {"path": "m.csv", **places}},
        }, "test"))  # fmt: skip

    return plan


def test_every_model_is_scored_and_those_that_learn_are_tuned(make):
    names = [f"sar-temporal/{method}/cnn-transformer{seed}" for method in ("none", "simclr")
             for seed in ("", "@7")]  # fmt: skip
    frozen = (*names, "sar-temporal/none/pca")
    assert make().place_classifiers("mines") == frozen
    both = make(modes=["frozen", "tuned"]).place_classifiers("mines")
    assert both == (*frozen, *(f"{name}/tuned" for name in names))
    assert make(modes=["tuned"]).place_scored("mines") == [
        f"results/places/mines/{name}/tuned/scores.parquet" for name in names
    ]
    assert make().written_classifiers("mines").read_text().split() == list(frozen)


def test_the_users_file_is_watched_where_it_is(make, tmp_path):
    assert make().place_files("mines") == []
    (tmp_path / "m.csv").touch()
    assert make().place_files("mines") == [str(tmp_path / "m.csv")]
    assert make().place_files("others") == []
    assert make(path="https://where/m.csv").place_files("mines") == []


def test_each_rule_depends_on_what_it_reads(make):
    plan = make()
    assert make(path="other.csv", similar=3).place_labels("mines") == plan.place_labels("mines")
    assert make(share=0.2).place_labels("mines") != plan.place_labels("mines")
    urls = [make(path=f"https://{host}/m.csv").place_labels("mines") for host in ("a", "b")]
    assert urls[0] != urls[1]
    assert make(similar=3).place_similar("mines") != plan.place_similar("mines")
    draws = make(probes={"draws": 200})
    assert draws.place_scores() == plan.place_scores()
    assert draws.place_curves("mines") != plan.place_curves("mines")
    folds = make(probes={"folds": 3})
    assert folds.place_scores() != plan.place_scores()
    assert folds.place_curves("mines") == plan.place_curves("mines")
    assert plan.place_tuning("cnn-transformer") != plan.place_tuning("cnn-transformer@7")
    assert plan.place_tuning("resnet18") != plan.place_tuning("cnn-transformer")
