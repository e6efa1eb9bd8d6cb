"""Cubes that the encoder was not made for are refused before a classifier of places is trained."""

import pytest
from tests.landcover.finetuning.test_place_tuning import Tuned

from speckle2vec.errors import UserError
from speckle2vec.landcover.finetuning import place_tuning

RECIPE = {"feature_set": "sar-temporal", "size": 32, "clahe": "another"}


@pytest.fixture
def untrained(monkeypatch):
    """Trainings that were begun, which is none."""
    begun = []
    monkeypatch.setattr(place_tuning, "train", lambda *_: begun.append(1) or [{"epoch": 1}])
    return begun


def tuned_on(corpus, monkeypatch, **attributes):
    """A tuning whose cubes have other attributes than the encoder's."""
    real = type(corpus).write_shard

    def write(self, shard, splits):
        return real(self, shard, splits, **attributes)

    monkeypatch.setattr(type(corpus), "write_shard", write)
    return Tuned(corpus)


def test_cubes_of_another_recipe_are_refused_before_training(cube_corpus, monkeypatch, untrained):
    with pytest.raises(UserError, match=r"does not fit the encoder: recipe of clahe"):
        tuned_on(cube_corpus, monkeypatch, recipe=RECIPE).run()
    assert untrained == []


def test_cubes_of_another_calibration_are_not_blamed_on_the_statistics(
    cube_corpus, monkeypatch, untrained
):
    with pytest.raises(UserError, match="does not fit the encoder: calibration") as caught:
        tuned_on(cube_corpus, monkeypatch, calibration="gamma0").run()
    assert "results/statistics" not in str(caught.value)
    assert untrained == []
