"""Files of codes, of several models and feature sets."""

import pytest
from tests.planning.tiny_plan import make_plan

RADAR, BOTH = "sar-temporal/simclr/cnn-transformer", "fusion/vae/resnet18@7"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def plan_of(*models, names=("int8",), **changes):
    return make_plan(codes={"models": models, "names": names}, **changes)


def test_pixel_statistics_stand_once_beside_each_feature_set():
    other = "fusion/mae/resnet18"
    beside = [path for path in plan_of(RADAR, BOTH, other).codes() if "pixel-statistics" in path]
    assert beside == [
        f"results/codes/{features}/none/pixel-statistics/float32.parquet"
        for features in ("sar-temporal", "fusion")
    ]


def test_every_model_has_every_code_and_no_file_is_named_twice():
    codes = plan_of(RADAR, BOTH, names=("int8", "binary")).codes("folder")
    for model in (RADAR, BOTH):
        for code in ("float32", "int8", "binary"):
            assert codes.count(f"folder/{model}/{code}.parquet") == 1
    assert len(set(codes)) == len(codes) == 8


def test_every_label_probes_every_code():
    plan = plan_of(RADAR, probes={"labels": ["land-cover", "latitude"]})
    paths = plan.code_probes()
    assert len(paths) == len(set(paths)) == 2 * len(plan.codes())
    assert {path.split("/")[2] for path in paths} == {"land-cover", "latitude"}


def test_raw_files_of_two_feature_sets_are_counted_once():
    plan = plan_of(RADAR, BOTH)
    found, fused = plan.raw_files(), plan_of(BOTH).raw_files()
    assert len(set(found)) == len(found)
    assert sorted(found) == sorted(fused)
    assert set(plan_of(RADAR).raw_files()) < set(found)


def test_the_list_of_models_is_a_file_of_its_own_for_each_list():
    plan = plan_of(RADAR, BOTH)
    assert plan.written_coded_models().read_text().split() == [RADAR, BOTH]
    assert plan_of(BOTH, RADAR).written_coded_models() != plan.written_coded_models()
    assert make_plan().written_coded_models().read_text() == f"{RADAR}\n"
