"""What fine-tuning depends on, and what it does not."""

import re
from pathlib import Path

import pytest
from tests.planning.tiny_plan import make_plan

from speckle2vec import provenance

REPOSITORY = Path(__file__).parents[2]
FINETUNE = {"batch_size": 16, "learning_rate": 1e-3, "epochs": 3, "patience": 2,
            "schedule": "cosine", "class_weights": "balanced", "turn": False,
            "precision": "bfloat16"}  # fmt: skip


def rules(plan):
    return {
        "simulation": plan.simulation("tiny"),
        "ingest": plan.ingest("tiny"),
        "preprocess": plan.preprocess("tiny", "fusion"),
        "statistics": plan.statistics(),
        "labels": plan.labels(),
        "pretrain": plan.pretrain("vae", "resnet18"),
        "embed": plan.embed("resnet18"),
        "probe": plan.probe(),
        "finetune": plan.finetune("resnet18"),
        "finetune@7": plan.finetune("resnet18@7"),
        "confusion": plan.confusion("resnet18"),
    }


def affected(plan, **changes):
    before, after = rules(plan), rules(make_plan(**changes))
    return {rule for rule in before if before[rule] != after[rule]}


@pytest.mark.parametrize("name", FINETUNE)
def test_a_setting_of_fine_tuning_reaches_fine_tuning_only(plan, name):
    changes = {"landcover": {"finetune": {name: FINETUNE[name]}}}
    assert affected(plan, **changes) == {"finetune", "finetune@7"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"landcover": {"finetune": {"threads": 1}}}, {"finetune", "finetune@7", "confusion"}),
        ({"landcover": {"scored": ["validation", "test"]}}, {"confusion"}),
        ({"landcover": {"finetune": {"checkpoint_minutes": 1, "memory_gb": 2}}}, set()),
        ({"landcover": {"shares": [5, 100], "modes": ["frozen"], "draws": 100}}, set()),
        ({"pretrain": {"epochs": 3}}, {"pretrain"}),
        ({"labels": {"level": 2}}, {"labels"}),
        ({"seed": 7}, {"simulation", "statistics", "pretrain", "probe", "finetune", "finetune@7",
                       "confusion"}),
    ],
)  # fmt: skip
def test_a_setting_reaches_the_rules_that_read_it_and_no_other(plan, changes, expected):
    assert affected(plan, **changes) == expected


def test_the_seed_in_a_name_is_that_of_the_training_and_splits_keep_the_runs_own(plan):
    own, other = plan.finetune("resnet18"), plan.finetune("resnet18@7")
    assert (own.pop("seed"), other.pop("seed")) == (42, 7)
    assert own == other


def test_each_encoders_own_code_counts(plan):
    codes = [plan.finetune_code(name) for name in ("resnet18", "cnn-transformer", "resnet18@3")]
    assert codes[0] == codes[2] != codes[1]


def test_what_trains_is_no_code_of_what_scores(plan, monkeypatch):
    real = provenance._parse

    def changed(module):
        digest, imports = real(module)
        return (digest if module != "speckle2vec.training.loop" else "other"), imports

    before = rules(plan)
    monkeypatch.setattr(provenance, "_parse", changed)
    after = rules(plan)
    found = {rule for rule in before if before[rule] != after[rule]}
    assert found == {"pretrain", "finetune", "finetune@7"}


def test_the_rules_leave_classifiers_of_pixels_to_others():
    text = (REPOSITORY / "workflow" / "rules" / "finetune.smk").read_text()
    patterns = set(re.findall(r'method="(.*)",', text))
    assert patterns == {"(?!pixels/)[^/]+"}
    found = re.compile(rf"results/landcover/f/(?P<method>{patterns.pop()})/")
    assert found.match("results/landcover/f/pixelsome/")
    assert not found.match("results/landcover/f/pixels/")
