import importlib
from typing import get_args

import pytest

from speckle2vec import choices
from speckle2vec.errors import UserError
from speckle2vec.settings.root import Model

CHOICES = [choices.READERS, choices.FEATURE_SETS, choices.METHODS, choices.ENCODERS]


@pytest.mark.parametrize("modules", CHOICES)
def test_every_name_has_its_module(modules):
    for module in modules.values():
        assert importlib.import_module(module)


def test_an_unknown_name_is_a_sentence():
    with pytest.raises(UserError, match="no encoder `cnn-transfomer`; did you mean") as caught:
        choices.encoder_module("cnn-transfomer")
    assert "Valid names: cnn-transformer" in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "modules"),
    [
        ("features", choices.FEATURE_SETS),
        ("method", choices.METHODS),
        ("encoder", choices.ENCODERS),
    ],
)
def test_settings_offer_what_there_is(setting, modules):
    assert set(get_args(Model.model_fields[setting].annotation)) == set(modules)
