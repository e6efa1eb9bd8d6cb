"""Which shards are asked for by their names."""

import pytest

from speckle2vec.readers.chosen import chosen


@pytest.mark.parametrize(
    ("globs", "names"),
    [
        ("*", {"train-1", "train-10", "Train-1", "[x]"}),
        ("train-1", {"train-1"}),
        ("train-?", {"train-1"}),
        ("[[]x]", {"[x]"}),
        (("T*", "*0"), {"Train-1", "train-10"}),
        ((), set()),
        ("", set()),
    ],
)
def test_names_are_chosen_as_a_shell_would(globs, names):
    every = {"train-1", "train-10", "Train-1", "[x]"}
    assert {name for name in every if chosen(name, globs)} == names


def test_a_text_is_one_glob_and_not_one_a_letter():
    assert not chosen("a", "ab")
    assert chosen("a", ("a", "b"))
