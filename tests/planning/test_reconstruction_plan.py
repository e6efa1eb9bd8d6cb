"""What reconstructions depend on, and what files they ask for."""

import pytest
from tests.planning.tiny_plan import make_plan

from speckle2vec.errors import UserError

VAE, MAE = (f"sar-temporal/{name}/cnn-transformer" for name in ("vae", "mae"))


def rules(plan):
    return {
        "pretrain": plan.pretrain("simclr", "cnn-transformer"),
        "pretrain_decoding": plan.pretrain_decoding("vae", "cnn-transformer"),
        "decode_images": plan.decode_images("vae", "cnn-transformer"),
        "score_images": plan.score_images(),
        "reconstruction": plan.reconstruction(),
    }


@pytest.mark.parametrize(
    ("changes", "affected"),
    [
        ({"reconstruction": {"samples": 9}}, {"decode_images"}),
        ({"reconstruction": {"codes": ["int8"]}}, {"decode_images"}),
        ({"reconstruction": {"models": [VAE]}}, {"reconstruction"}),
        ({"probes": {"draws": 500}}, {"reconstruction"}),
        ({"probes": {"scored": ["validation"]}}, {"decode_images"}),
        ({"pretrain": {"vae": {"latent": 8}}}, {"pretrain_decoding"}),
        ({"pretrain": {"epochs": 3}}, {"pretrain", "pretrain_decoding"}),
        ({"codes": {"most": 500}}, set()),
        ({"seed": 7}, set(rules(make_plan())) - {"score_images"}),
    ],
)
def test_a_setting_reaches_the_rules_that_read_it_and_no_other(plan, changes, affected):
    before, after = rules(plan), rules(make_plan(**changes))
    assert {rule for rule in before if before[rule] != after[rule]} == affected


def test_models_are_those_of_the_grid_that_decode():
    plan = make_plan(grid={"methods": ["none", "vae", "mae", "csf"]})
    assert plan.decoded_models() == (VAE, MAE)
    assert plan.image_scores() == [
        f"results/reconstructions/{name}/scores.parquet" for name in (VAE, MAE)
    ]
    assert make_plan(reconstruction={"models": [MAE]}).decoded_models() == (MAE,)
    assert make_plan(grid={"methods": ["none"]}).decoded_models() == ()


def test_a_method_without_a_decoder_asks_for_no_files(plan):
    folder = f"results/models/{VAE}"
    assert plan.coding_files("sar-temporal", "vae", "cnn-transformer") == [
        f"{folder}/encoder.safetensors", f"{folder}/decoder.safetensors",
    ]  # fmt: skip
    assert plan.coding_files("sar-temporal", "simclr", "cnn-transformer") == []


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"codes": ["int7"]}, "there is no code 'int7'"),
        ({"codes": ["int8", "int8"]}, "codes holds a code twice"),
        ({"models": ["vae"]}, "write it as features/method/encoder"),
        ({"models": ["fusion/csf/resnet18"]}, "only vae and mae decode images"),
    ],
)
def test_wrong_settings_are_sentences(chosen, told):
    with pytest.raises(UserError, match=told):
        make_plan(reconstruction=chosen)
