"""Settings of decoded images that contradict themselves."""

import pytest

from speckle2vec.choices import DECODING
from speckle2vec.errors import UserError
from speckle2vec.settings.load import parse_settings

MODEL = "fusion/vae/resnet18"


def reconstruction_of(**changes):
    config = {"corpora": {"a": {"source": "simulated"}}, "reconstruction": changes}
    return parse_settings(config, "config").reconstruction


def test_every_method_that_decodes_may_be_named_with_a_seed():
    models = tuple(f"fusion/{method}/resnet18@7" for method in DECODING)
    assert reconstruction_of(models=models).models == models


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"models": ["fusion/simclr/resnet18"]}, "but only vae and mae decode images"),
        ({"models": [MODEL, "fusion/none/pca"]}, "holds 'fusion/none/pca', but only"),
        ({"models": ["fusion/vae"]}, "write it as features/method/encoder"),
        ({"codes": ["int8", "int8"]}, "codes holds a code twice"),
        ({"codes": ["int7"]}, "there is no code 'int7'"),
        ({"codes": []}, "at least 1 item"),
        ({"samples": 0}, "greater than or equal to 1"),
        ({"fitted": 7}, "greater than or equal to 8"),
    ],
)
def test_contradictions_are_a_sentence(changes, sentence):
    with pytest.raises(UserError, match=sentence):
        reconstruction_of(**changes)


def test_float32_is_compared_only_where_it_is_named():
    assert reconstruction_of(codes=["int8"]).codes == ("int8",)


def test_a_model_that_is_named_twice_is_refused_as_a_code_is():
    """Else it stands twice in the table."""
    with pytest.raises(UserError, match="twice"):
        reconstruction_of(models=[MODEL, MODEL])
