"""Every source of labels offers what the stage of labels asks."""

import importlib
import inspect
import typing

import pytest

from speckle2vec.choices import LABEL_SOURCES
from speckle2vec.landcover.labels.base import Source


def asked():
    return [name for name, one in vars(Source).items()
            if inspect.isfunction(one) and not name.startswith("_")]  # fmt: skip


def source_of(module):
    """The class that a module of labels opens."""
    hints = typing.get_type_hints(importlib.import_module(module).open_source)
    return hints["return"]


@pytest.mark.parametrize("module", sorted(set(LABEL_SOURCES.values())))
def test_a_source_is_asked_by_the_names_its_methods_have(module):
    source = source_of(module)
    assert set(asked()) == {"read", "about", "extent", "tell"}
    for name in asked():
        own = inspect.signature(getattr(source, name)).parameters
        assert list(own) == list(inspect.signature(getattr(Source, name)).parameters), name


@pytest.mark.parametrize("module", sorted(set(LABEL_SOURCES.values())))
def test_a_source_answers_with_the_types_that_are_promised(module):
    source = source_of(module)
    for name in asked():
        promised = typing.get_type_hints(getattr(Source, name))["return"]
        assert typing.get_type_hints(getattr(source, name))["return"] == promised, name


def test_all_sources_are_opened_by_the_same_words():
    ways = {
        tuple(inspect.signature(importlib.import_module(module).open_source).parameters)
        for module in LABEL_SOURCES.values()
    }
    assert ways == {("labels", "files", "legend")}
