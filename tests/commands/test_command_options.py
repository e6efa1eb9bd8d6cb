"""What the options make of what a person writes."""

from pathlib import Path

import pytest

from speckle2vec.cli import COMMANDS, _parser
from speckle2vec.commands.options import OPTIONS

ASKED = {name: [option for option in command.options
                if option not in command.optional and OPTIONS[option].get("required", True)]
         for name, command in COMMANDS.items()}  # fmt: skip


def parsed(name, *more):
    """A command with all it insists on, and more."""
    needed = [option for option in ASKED[name] if f"--{option}" not in more]
    words = [word for option in needed for word in (f"--{option}", _word(option))]
    return _parser().parse_args([name, *words, *more, *COMMANDS[name].positional])


def _word(option):
    return str((*OPTIONS[option].get("choices", ("1",)),)[0])


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_runs_with_no_more_than_it_insists_on(name):
    given = vars(parsed(name))
    for option in COMMANDS[name].options:
        if option not in ASKED[name]:
            one = OPTIONS[option]
            default = False if one.get("action") == "store_true" else one.get("default")
            assert given[option.replace("-", "_")] == default, option


@pytest.mark.parametrize("name", COMMANDS)
def test_whoever_leaves_out_what_is_needed_is_told_its_name(name, capsys):
    if not ASKED[name]:
        return
    with pytest.raises(SystemExit) as ended:
        _parser().parse_args([name, *COMMANDS[name].positional])
    assert ended.value.code == 2
    assert f"--{ASKED[name][0]}" in capsys.readouterr().err


def test_what_has_a_default_is_asked_of_nobody():
    insisted = {option for options in ASKED.values() for option in options}
    assert not [option for option in insisted if "default" in OPTIONS[option]]


def test_a_default_is_what_it_would_be_if_it_were_written():
    for option, one in OPTIONS.items():
        if "default" in one:
            assert one.get("type", str)(str(one["default"])) == one["default"], option
            assert one["default"] in one.get("choices", [one["default"]]), option


def test_bounds_and_points_in_the_west_and_south_are_no_options():
    given = parsed("map", "--bounds", "-72.5", "-13", "-.5", "-10")
    assert given.bounds == [-72.5, -13.0, -0.5, -10.0]
    assert parsed("nearest", "--point=-72.5,-13").point == "-72.5,-13"


def test_several_samples_come_as_they_were_named_and_those_of_an_earlier_command_are_forgotten():
    assert parsed("map", "--sample", "b", "--sample", "a").sample == ["b", "a"]
    assert parsed("map", "--sample", "c").sample == ["c"]
    assert parsed("map").sample is None


@pytest.mark.parametrize(
    "wrong",
    [("map", "--bounds", "1", "2", "3"), ("map", "--threads", "two"), ("explore", "--port", "x"),
     ("map", "--bounds", "1", "2", "3", "north")],
)  # fmt: skip
def test_what_is_no_number_is_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        parsed(*wrong)
    assert f"argument {wrong[1]}" in capsys.readouterr().err


def test_paths_are_paths():
    assert parsed("map", "--output", "a/b.tif").output == Path("a/b.tif")
