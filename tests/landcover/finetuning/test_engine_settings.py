"""What the engine is told: how long few labels are gone over."""

import pytest
from tests.landcover.finetuning.learnable import settings_with

from speckle2vec.landcover.finetuning.engine import engine_settings


@pytest.mark.parametrize(
    ("samples", "patience", "expected"), [(640, 10, 10), (64, 10, 50), (130, 10, 25), (13, 0, 0)]
)
def test_patience_lasts_fifty_steps_at_least(samples, patience, expected):
    section = settings_with(batch_size=64, patience=patience, class_weights="balanced").landcover
    engine = engine_settings(section.finetune, 32, samples)
    assert (engine.patience, engine.crop, engine.batch_size) == (expected, 32, 64)
    assert engine.group == "landcover.finetune"


@pytest.mark.parametrize(
    ("samples", "least", "expected"), [(640, 0, 8), (640, 80, 8), (640, 81, 9), (64, 60, 60)]
)
def test_few_samples_are_gone_over_until_they_were_as_many_steps(samples, least, expected):
    section = settings_with(batch_size=64, epochs=8, least_steps=least).landcover.finetune
    assert engine_settings(section, 32, samples).epochs == expected
    assert engine_settings(section, 32).epochs == 8  # a classifier of places has no decoder


@pytest.mark.parametrize(
    ("samples", "patience", "least", "expected"),
    [
        (64, 10, 640, 640),
        (320, 10, 640, 128),
        (6400, 10, 640, 10),
        (64, 10, 20, 50),
        (64, 0, 640, 0),
    ],
)
def test_patience_lasts_as_long_as_the_shortest_training(samples, patience, least, expected):
    section = settings_with(batch_size=64, patience=patience, least_steps=least).landcover
    assert engine_settings(section.finetune, 32, samples).patience == expected
