"""What is declared to be installed agrees with the pinned set."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[1]


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins():
    lines = (REPOSITORY / "constraints.txt").read_text().split()
    return {
        canonical(name): version for name, _, version in (line.partition("==") for line in lines)
    }


def declared():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return {canonical(re.split(r"[<>=\[]", line)[0]) for group in groups for line in group}


def test_every_pin_is_exact():
    assert all(re.fullmatch(r"[0-9][\w.]*", version) for version in pins().values())
    assert pins()["torch"] == "2.13.0"


def test_every_declared_package_is_pinned():
    assert declared() - set(pins()) == set()


def test_what_is_installed_here_is_what_is_pinned():
    installed = {canonical(one.name): one.version.split("+")[0] for one in distributions()}
    different = {
        name: (version, installed[name])
        for name, version in pins().items()
        if name in installed and installed[name] != version
    }
    assert different == {}


@pytest.mark.parametrize("name", ["data", "torch"])
def test_a_conda_environment_agrees_with_the_pins(name):
    environment = yaml.safe_load((REPOSITORY / "envs" / f"{name}.yaml").read_text())
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    listed = {
        canonical(package): version for package, version in (line.split(" ==") for line in pip)
    }
    assert listed.items() <= pins().items()
    assert listed.keys() <= declared()
    assert ("torch" in listed) == (name == "torch")
