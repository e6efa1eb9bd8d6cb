"""What jobs of one machine may share."""

import psutil

from speckle2vec import machine


def test_nine_tenths_of_the_free_memory_are_shared(monkeypatch):
    free = type("Memory", (), {"available": 20_000_000_000, "total": 64_000_000_000})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    assert machine.free_memory() == 18_000


def test_a_training_asks_for_what_its_samples_take_and_no_more_than_the_settings_allow():
    assert machine.training_memory(100, 16) == 4_400
    assert machine.training_memory(50_000, 16) == 20_000
    assert machine.training_memory(100, 16, ranks=4) == 17_600
    assert machine.training_memory(50_000, 16, ranks=4) == 32_000
