"""What codes depend on, and what files they ask for."""

import pytest
from tests.planning.tiny_plan import make_plan

from speckle2vec.errors import UserError

MODEL = "sar-temporal/simclr/cnn-transformer"


def rules(plan):
    return {
        "embed": plan.embed("cnn-transformer"),
        "probe": plan.probe(),
        "encode": plan.encode("int8"),
        "probe_code": plan.probe_code(),
        "compression": plan.compression(),
    }


@pytest.mark.parametrize(
    ("changes", "affected"),
    [
        ({"codes": {"most": 500}}, {"encode"}),
        ({"codes": {"names": ["int8"]}}, {"compression"}),
        ({"codes": {"points": 2}}, {"compression"}),
        ({"codes": {"neighbours": 5}}, {"compression"}),
        ({"codes": {"models": ["sar-temporal/vae/cnn-transformer"]}}, {"compression"}),
        ({"probes": {"folds": 4}}, {"probe", "probe_code"}),
        ({"probes": {"draws": 500}}, {"compression"}),
        ({"probes": {"scored": ["validation", "test"]}}, {"probe", "probe_code", "compression"}),
        ({"seed": 7}, {"probe", "encode", "probe_code", "compression"}),
        ({"pretrain": {"epochs": 3}}, set()),
    ],
)
def test_a_setting_reaches_the_rules_that_read_it_and_no_other(plan, changes, affected):
    before, after = rules(plan), rules(make_plan(**changes))
    assert {rule for rule in before if before[rule] != after[rule]} == affected


def test_the_default_model_is_encoded_and_pixel_statistics_stand_beside():
    plan = make_plan(codes={"names": ["int8", "pca8-int4"]})
    assert plan.codes() == [
        f"results/codes/{MODEL}/float32.parquet",
        f"results/codes/{MODEL}/int8.parquet",
        f"results/codes/{MODEL}/pca8-int4.parquet",
        "results/codes/sar-temporal/none/pixel-statistics/float32.parquet",
    ]
    assert plan.code_probes() == [
        path.replace("results/codes", "results/code_probes/land-cover") for path in plan.codes()
    ]


def test_models_by_name_are_encoded_and_pixel_statistics_once():
    pixels = "sar-temporal/none/pixel-statistics"
    plan = make_plan(codes={"names": ["int8"], "models": [pixels, MODEL]})
    assert plan.coded_models() == (pixels, MODEL)
    assert [path for path in plan.codes() if "float32" in path] == [
        f"results/codes/{model}/float32.parquet" for model in (pixels, MODEL)
    ]


def test_raw_files_count_sentinel_2_where_features_need_it(plan):
    assert {path.split("/")[4] for path in plan.raw_files()} == {"S1GRD"}
    fusion = make_plan(model={"features": "fusion", "encoder": "resnet18"})
    assert {path.split("/")[4] for path in fusion.raw_files()} == {"S1GRD", "S2L2A"}


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ({"names": ["int7"]}, "there is no code 'int7'"),
        ({"names": ["pca2000-int8"]}, "more components than the 1024"),
        ({"names": ["pq100"]}, "deals 1024 dimensions to 100 parts"),
        ({"names": ["int8", "int8"]}, "names holds a code twice"),
        ({"models": ["simclr"]}, "write it as features/method/encoder"),
    ],
)
def test_wrong_settings_are_sentences(codes, told):
    with pytest.raises(UserError, match=told):
        make_plan(codes=codes)
