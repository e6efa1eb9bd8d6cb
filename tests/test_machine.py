"""What jobs of one machine may share."""

import psutil

from speckle2vec import machine


def test_nine_tenths_of_the_free_memory_are_shared(monkeypatch):
    free = type("Memory", (), {"available": 20_000_000_000, "total": 64_000_000_000})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    assert machine.free_memory() == 18_000
