"""What jobs of one machine may share."""

import psutil
import pytest

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


def test_gpus_are_those_that_the_driver_lists(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "GPUS", tmp_path / "gpus")
    assert machine.gpus() == 0
    for address in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / "gpus" / address).mkdir(parents=True)
    assert machine.gpus() == 2


@pytest.mark.parametrize(
    ("device", "here", "wanted"),
    [("cpu", 2, 0), ("auto", 0, 0), ("auto", 1, 3), ("cuda", 0, 3), ("cuda", 2, 3)],
)
def test_a_job_asks_for_gpus_only_where_the_config_or_the_machine_has_them(device, here, wanted):
    assert machine.wanted_gpus(device, here, ranks=3) == wanted
