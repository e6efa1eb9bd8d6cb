"""Whether cubes mean what an encoder was trained on."""

from pathlib import Path

import pytest
from tests.products.written_encoder import ATTRIBUTES, encoder

from speckle2vec.errors import UserError
from speckle2vec.products.meaning import check_compatible, differ


def test_cubes_like_those_of_the_training_are_accepted():
    check_compatible(encoder(), ATTRIBUTES, Path("cubes.zarr.zip"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"features": ["vh", "vv"]}, 'features is ["vh", "vv"], not ["vv", "vh"]'),
        ({"units": {"vv": "linear", "vh": "dB"}}, 'units of vv is "linear", not "dB"'),
        ({"calibration": "gamma0"}, 'calibration is "gamma0", not "sigma0"'),
        ({"calibration": None}, 'calibration is null, not "sigma0"'),
        ({"recipe": {"feature_set": "sar-temporal", "size": 32}}, "recipe of size is 32, not 64"),
    ],
)
def test_cubes_that_mean_something_else_are_refused_and_told_apart(change, told):
    with pytest.raises(UserError) as refused:
        check_compatible(encoder(), {**ATTRIBUTES, **change}, Path("demo/1.zarr.zip"))
    sentence = str(refused.value)
    assert sentence.startswith("demo/1.zarr.zip: does not fit the encoder")
    assert told in sentence
    assert "Make the cubes with the settings the encoder was trained with" in sentence


def test_what_only_one_of_both_says_differs():
    assert differ("recipe", {"recipe": {"size": 64}}, {"recipe": {"size": 64}}) == ""
    told = differ("recipe", {"recipe": {"size": 64}}, {"recipe": {"size": 64, "looks": 4}})
    assert told == "recipe of looks is 4, not null"
    assert differ("recipe", {"recipe": {"size": 64}}, {}) == 'recipe is null, not {"size": 64}'
