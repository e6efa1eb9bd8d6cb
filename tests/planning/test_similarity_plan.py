"""What the rules of search and change depend on."""

import pytest

from speckle2vec.plan import Plan
from speckle2vec.settings.load import parse_settings

METHODS = (
    "search_index",
    "search_nearest",
    "duplicates",
    "outliers",
    "change",
)


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def plan(changes=None, **search):
        config = {"corpora": {"tiny": {"source": "simulated"}}, "search": search}
        return Plan(parse_settings({**config, **(changes or {})}, "test"))

    return plan


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        ({"exact": 5}, {"search_index"}),
        ({"cells_searched": 5}, {"search_index"}),
        ({"threads": 2}, {"search_index", "search_nearest"}),
        ({"nearest": 5}, {"search_nearest"}),
        ({"alike": 0.5}, {"duplicates"}),
        ({"most": 5}, {"duplicates", "outliers"}),
        ({"reach_km": 5}, set()),
        ({"before": ["2020-01-01", "2020-02-01"], "after": ["2021-01-01", "2021-02-01"]},
         {"change"}),
        ({"changes": {"seed": 7}}, {"search_index"}),
        ({"changes": {"model": {"encoder": "resnet18"}}}, set()),
        ({"changes": {"probes": {"folds": 3}}}, set()),
    ],
)  # fmt: skip
def test_only_what_reads_a_setting_depends_on_it(make, changed, rules):
    before, after = make(), make(**changed)
    assert {name for name in METHODS if getattr(before, name)() != getattr(after, name)()} == rules


def test_another_shard_counts_where_many_are_read(make):
    other = {"corpora": {"tiny": {"source": "simulated", "size": "tiny"}}}
    before, after = make(), make(changes=other)
    for name in METHODS:
        assert getattr(before, name)() != getattr(after, name)()
