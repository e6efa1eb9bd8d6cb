"""Settings of labelled places: what may stand alone, and what is misspelt."""

import pytest

from speckle2vec.errors import UserError
from speckle2vec.settings.load import parse_settings


def places_of(**mines):
    config = {"corpora": {"a": {"source": "simulated"}}, "places": {"mines": mines}}
    return parse_settings(config, "config").places["mines"]


def test_classes_of_the_file_may_be_asked_for_without_a_list_of_them():
    found = places_of(path="x", positive="mine", elsewhere="none")
    assert (found.positive, found.elsewhere, found.classes) == ("mine", "none", ())


def test_a_listed_class_may_be_looked_for_and_be_elsewhere():
    listed = {"path": "x", "classes": ["mine", "none"]}
    assert places_of(**listed).positive == ""
    assert places_of(**listed, positive="none", elsewhere="mine").elsewhere == "mine"


@pytest.mark.parametrize("share", [1, 1e-9])
def test_a_share_may_be_all_or_next_to_nothing(share):
    assert places_of(path="x", share=share).share == share


def test_one_column_is_renamed_and_the_others_keep_their_names():
    columns = places_of(path="x", columns={"label": "class"}).columns
    assert (columns.label, columns.longitude, columns.id) == ("class", "longitude", "")


@pytest.mark.parametrize(
    ("mines", "sentence"),
    [
        ({}, r"places\.mines\.path"),
        ({"path": "x", "share": 1.01}, r"places\.mines\.share.*less than or equal to 1"),
        ({"path": "x", "share": float("nan")}, r"places\.mines\.share"),
        ({"path": "x", "modes": []}, r"places\.mines\.modes.*at least 1"),
        ({"path": "x", "modes": ["tune"]}, r"places\.mines\.modes"),
        ({"path": "x", "similar": 0}, r"places\.mines\.similar"),
        ({"path": "x", "columns": {"longitud": "x"}}, r"places\.mines\.columns\.longitud"),
        ({"path": "x", "classes": ["a"], "positive": "A"}, "classes does not hold 'A'"),
    ],
)
def test_what_is_wrong_is_told_by_its_name(mines, sentence):
    with pytest.raises(UserError, match=sentence):
        places_of(**mines)
