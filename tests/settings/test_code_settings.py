"""Settings of codes that contradict themselves, and the order in which codes are compared."""

import pytest

from speckle2vec.errors import UserError
from speckle2vec.settings.codes import DEFAULT_CODES, Codes
from speckle2vec.settings.load import parse_settings

MODEL = "sar-temporal/simclr/cnn-transformer"


def codes_of(**codes):
    config = {"corpora": {"a": {"source": "simulated"}}, "codes": codes}
    return parse_settings(config, "config").codes


@pytest.mark.parametrize(
    ("names", "compared"),
    [
        (["int8"], ("float32", "int8")),
        (["int8", "float32", "binary"], ("float32", "int8", "binary")),
        (["float32"], ("float32",)),
    ],
)
def test_float32_is_first_and_once_and_the_others_keep_their_order(names, compared):
    assert codes_of(names=names).compared == compared


def test_all_default_codes_are_codes():
    assert codes_of().compared == DEFAULT_CODES
    assert codes_of(names=list(DEFAULT_CODES)) == Codes()


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        ({"names": []}, "at least 1 item"),
        ({"names": ["pca0-int8"]}, "there is no code 'pca0-int8'"),
        ({"names": ["INT8"]}, "there is no code 'INT8'"),
        ({"names": ["pca32-pq5"]}, "deals 32 dimensions to 5 parts"),
        ({"models": [MODEL, f"{MODEL}/whole"]}, "write it as features/method/encoder"),
        ({"points": -0.1}, "greater than or equal to 0"),
        ({"points": float("nan")}, "greater than or equal to 0"),
        ({"neighbours": 0}, "greater than or equal to 1"),
    ],
)
def test_contradictions_are_a_sentence(codes, sentence):
    with pytest.raises(UserError, match=sentence):
        codes_of(**codes)


def test_a_model_that_is_named_twice_is_refused_as_a_code_is():
    """Else each of its codes stands twice in the table."""
    with pytest.raises(UserError, match="twice"):
        codes_of(models=[MODEL, MODEL])
