"""A STAC API on loopback with made items, and what asks it."""

import importlib.util
from pathlib import Path

import pytest

from speckle2vec.settings.load import parse_settings

HERE = Path(__file__).parent
SEARCH = {"start": "2021-01-01", "end": "2021-12-31", "samples": "pair"}


def _module(name):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made():
    """The functions of made_items.py, which stands beside this file."""
    return _module("made_items")


@pytest.fixture(scope="session")
def services():
    """The servers of stac_services.py, which stands beside this file."""
    return _module("stac_services")


@pytest.fixture(scope="session")
def settings_of():
    """Settings with one corpus `new` that is cut from the archive at an address."""

    def make(url="http://127.0.0.1:9", provider=None, size=264, **search):
        corpus = {
            "source": "stac", "sampling": {"outlines": "x", "count": 4}, "places_per_shard": 4,
            "search": {**SEARCH, **search}, "size": size,
            "provider": {"url": url, "pause_s": 0.01, "attempts": 4, **(provider or {})},
        }  # fmt: skip
        return parse_settings({"corpora": {"new": corpus}}, "test")

    return make
