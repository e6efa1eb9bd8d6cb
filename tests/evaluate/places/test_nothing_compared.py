"""Labelled places where the grid names no classifier."""

import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.curves import place_curves

from .placed import settings_of


def test_no_classifier_at_all_is_a_sentence(tmp_path):
    settings = settings_of(tmp_path, path="mines.csv")
    outputs = [tmp_path / name for name in ("points.csv", "averages.csv", "curves.png")]
    with pytest.raises(UserError, match=r"`mines`.*`grid.encoders`"):
        place_curves(settings, "mines", [], tmp_path, *outputs)
    assert not any(path.exists() for path in outputs)
