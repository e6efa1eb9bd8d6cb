"""Settings of labelled places that contradict themselves."""

import pytest

from speckle2vec.errors import UserError
from speckle2vec.settings.load import parse_settings


@pytest.mark.parametrize(
    ("name", "places", "sentence"),
    [
        ("mines", {"classes": ["a", "a"]}, "classes names something twice"),
        ("mines", {"classes": ["a", "b"], "positive": "c"}, "classes does not hold 'c'"),
        ("mines", {"classes": ["a", "b"], "elsewhere": "c"}, "classes does not hold 'c'"),
        ("mines", {"modes": ["frozen", "frozen"]}, "modes names something twice"),
        ("mines", {"share": 0}, "greater than 0"),
        ("all/mines", {}, "'all/mines' may hold letters"),
    ],
)
def test_contradictions_are_a_sentence(name, places, sentence):
    config = {"corpora": {"a": {"source": "simulated"}}, "places": {name: {"path": "x", **places}}}
    with pytest.raises(UserError, match=sentence):
        parse_settings(config, "config")
