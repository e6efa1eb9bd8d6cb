"""The plan of the smallest run."""

import pytest
from tests.planning.tiny_plan import make_plan


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return make_plan()
