"""What tests of labels need."""

import pytest

from speckle2vec.plan import Plan
from speckle2vec.settings.load import parse_settings


@pytest.fixture
def plan_of(tmp_path, monkeypatch):
    """Plans in an empty folder, of some labels and other settings."""
    monkeypatch.chdir(tmp_path)

    def make(labels=None, **changes):
        values = {"corpora": {"tiny": {"source": "simulated", "size": "tiny"}}, **changes}
        return Plan(parse_settings({"labels": labels or {}, **values}, "t"))

    return make
