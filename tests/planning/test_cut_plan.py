"""What a rerun of the rules depends on that cut corpora from archives."""

import re
from pathlib import Path

import pytest

from speckle2vec.plan import Plan
from speckle2vec.settings.load import load_settings, parse_settings

EXPERIMENTS = Path(__file__).parents[2] / "config" / "experiments"
BASE = {
    "source": "stac", "sampling": {"outlines": "x.gpkg", "count": 100},
    "search": {"start": "2021-01-01", "end": "2021-12-31"},
}  # fmt: skip


def plan_of(**changes):
    corpora = {"own": BASE | changes, "radar": BASE | {"search": BASE["search"] | {
        "optical": False}}, "tiny": {"source": "simulated", "size": "tiny"}}  # fmt: skip
    return Plan(parse_settings({"corpora": corpora}, "test"))


@pytest.mark.parametrize(
    ("changes", "affected"),
    [
        ({"size": 128}, True),
        ({"minimum_valid": 0.5}, True),
        ({"optical_offset": -1000}, True),
        ({"calibration": "sigma0"}, True),
        ({"provider": {"name": "earth-search"}}, True),
        ({"provider": {"connections": 3, "attempts": 9, "pause_s": 7, "give_up": True}}, False),
        ({"sampling": {"outlines": "x.gpkg", "count": 200}}, False),
        ({"shards": "train-000001"}, False),
        ({"id_prefix": "a"}, False),
        ({"search": {**BASE["search"], "samples": "pair"}}, True),
        ({"search": {**BASE["search"], "max_days": 2}}, False),
    ],
)
def test_what_cutting_depends_on(changes, affected):
    """What only the choice of images reads shows in the candidates, which are an input."""
    assert (plan_of(**changes).cut("own") != plan_of().cut("own")) == affected


def test_corpora_with_and_without_sentinel_2():
    plan = plan_of()
    assert [name for name in ("own", "radar", "tiny")
            if re.fullmatch(plan.cut_corpora(optical=True), name)] == ["own"]  # fmt: skip
    assert plan.cut_corpora(optical=False) == "radar"
    nothing = Plan(parse_settings({"corpora": {"t": {"source": "simulated"}}}, "test"))
    assert not re.match(nothing.cut_corpora(optical=True), "")


@pytest.mark.parametrize(("name", "shards"), [("europe-1000", 16), ("world-100k", 1563)])
def test_the_papers_sets_are_pairs_of_256_pixels(name, shards):
    settings = load_settings(EXPERIMENTS / f"{name}.yaml")
    (corpus,) = settings.corpora.values()
    assert (corpus.size, corpus.search.samples, corpus.search.max_days) == (256, "pair", 3)
    assert corpus.search.most_cloud is None
    assert len(Plan(settings).keys) == shards
