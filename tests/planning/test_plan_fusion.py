"""What the features `fusion` depend on, and what nothing else does."""

from pathlib import Path

import pytest

from speckle2vec.errors import UserError
from speckle2vec.plan import Plan
from speckle2vec.planning import shards
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers import optical_listing
from speckle2vec.readers.listing import list_shards
from speckle2vec.readers.shard_files import LOOKED_FOR, read_shard_files
from speckle2vec.settings.load import parse_settings

OPTICAL = {"files": "s2/*", "pattern": r"s2/(?P<place>\w)_(?P<date>\d{8})_(?P<band>B\w+)"}
STACKS = {
    "source": "geotiff", "path": ".", "files": "s1/*", "units": "db", "calibration": "sigma0",
    "dates": 1, "pattern": r"s1/(?P<place>\w)_(?P<date>\d{8})_(?P<band>V\w)",
}  # fmt: skip


def make_plan(folder, features="fusion", fusion=None, **corpus):
    values = {
        "data": str(folder), "corpora": {"mine": STACKS | corpus}, "model": {"features": features},
        "preprocess": {"fusion": fusion or {}},
    }  # fmt: skip
    return Plan(parse_settings(values, "test"))


@pytest.fixture
def folder(tmp_path):
    for name in ("s1/a_20200101_VV", "s1/a_20200101_VH", "s2/a_20200101_B01"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_sentinel_2_files_come_with_the_features_that_need_them(folder):
    plan = make_plan(folder, optical=OPTICAL)
    radar = [f"{folder}/s1/a_20200101_VH", f"{folder}/s1/a_20200101_VV"]
    assert plan.raw("mine", "a") == plan.raw("mine", "a", "sar-temporal") == radar
    assert plan.raw("mine", "a", "fusion") == [*radar, f"{folder}/s2/a_20200101_B01"]


def test_a_plan_lists_a_corpus_once(folder, monkeypatch):
    listed = []

    def watch(settings, corpus, made):
        listed.append(corpus)
        return list_shards(settings, corpus, made)

    for module in (shards, optical_listing):
        monkeypatch.setattr(module, "list_shards", watch)
    plan = make_plan(folder, optical=OPTICAL)
    plan.check()
    assert plan.raw("mine", "a", "fusion")
    assert listed == ["mine"]


def test_jobs_are_told_their_files(folder, monkeypatch):
    monkeypatch.chdir(folder)
    plan, key = make_plan(folder, optical=OPTICAL), ShardKey("mine", "a")
    radar = (f"{folder}/s1/a_20200101_VH", f"{folder}/s1/a_20200101_VV")
    images = (f"{folder}/s2/a_20200101_B01",)
    told = [plan.written_raw("mine", "a", features) for features in ("", "sar-temporal", "fusion")]
    read = [read_shard_files(Path(file), key) for file in told]
    assert read == [(radar, None), (radar, None), (radar, images)]
    (folder / "s1/a_20200101_VH").rename(folder / "s1/a_20200102_VH")
    assert make_plan(folder, optical=OPTICAL).written_raw("mine", "a") != told[0]
    with pytest.raises(UserError, match=r"There is no shard mine/b"):
        plan.written_raw("mine", "b")


def test_where_shards_are_files_jobs_look_for_theirs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = Plan(parse_settings({"corpora": {"tiny": {"source": "simulated", "size": "tiny"}}}, "t"))
    assert plan.written_raw("tiny", "val-000001", "fusion") == LOOKED_FOR
    assert not list(tmp_path.iterdir())


def test_only_a_model_of_both_needs_both(folder):
    make_plan(folder, "sar-temporal").check()
    make_plan(folder, optical=OPTICAL).check()
    with pytest.raises(UserError, match=r"need Sentinel-2, and corpus 'mine' has none"):
        make_plan(folder).check()


@pytest.mark.parametrize(
    ("changes", "affected"),
    [
        ({"optical_offset": 0}, {"fusion"}),
        ({"optical": {**OPTICAL, "undated": True}}, {"fusion"}),
        ({"optical": {**OPTICAL, "path": "elsewhere"}}, set()),
        ({"fusion": {"days": 5}}, {"fusion"}),
        ({"units": "linear"}, {"fusion", "sar-temporal", "ingest"}),
        ({"minimum_valid": 0.5}, {"fusion", "sar-temporal", "ingest"}),
    ],
)
def test_what_depends_on_sentinel_2(folder, changes, affected):
    def rules(plan):
        made = {name: plan.preprocess("mine", name) for name in ("fusion", "sar-temporal")}
        return {**made, "ingest": plan.ingest("mine")}

    before = rules(make_plan(folder, optical=OPTICAL))
    after = rules(make_plan(folder, **{"optical": OPTICAL, **changes}))
    assert {rule for rule in before if before[rule] != after[rule]} == affected
