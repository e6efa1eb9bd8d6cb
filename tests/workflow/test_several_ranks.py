"""Pretraining by two ranks on a CPU, as the rule starts it."""

import subprocess
import time

import psutil
import pytest
import yaml

TINY = "config/experiments/tiny.yaml"
MODEL = "results/models/sar-temporal/simclr/cnn-transformer"
ENCODER = f"{MODEL}/encoder.safetensors"


def train_by_two(project, epochs):
    """Let the project train again, by two ranks."""
    path = project.folder / TINY
    values = yaml.safe_load(path.read_text())
    few = {"ranks": 2, "threads": 1, "device": "cpu", "checkpoint_minutes": 0}
    path.write_text(yaml.safe_dump({**values, "pretrain": {"epochs": epochs, **few}}))
    return project


def losses(project):
    """Loss by epoch; none of the untrained."""
    header, *rows = (project.folder / MODEL / "history.csv").read_text().splitlines()
    place = header.split(",").index("loss")
    return [float(row.split(",")[place]) for row in rows[1:]]


def ranks_of(running):
    """The processes of a run's ranks, by their number."""
    found = {}
    for process in psutil.Process(running.pid).children(recursive=True):
        try:
            number = process.environ().get("RANK")
        except psutil.Error:
            continue
        if number is not None:
            found[number] = process
    return found


def test_two_ranks_train_through_the_rule(finished, finished_once):
    of_two_ranks = train_by_two(finished, epochs=1)
    of_two_ranks.make(ENCODER)
    log = of_two_ranks.folder / "results/logs/pretrain/sar-temporal/simclr/cnn-transformer.log"
    assert log.read_text().count("Pretraining cnn-transformer") == 1
    # The same batches, drawn and dropped out alike; normalisation sees each rank's share.
    assert losses(of_two_ranks) == pytest.approx(losses(finished_once)[:1], abs=0.1)
    assert not of_two_ranks.planned(ENCODER)


def test_ranks_of_which_one_is_killed_end_in_a_sentence(finished):
    of_two_ranks = train_by_two(finished, epochs=1000)
    encoder = of_two_ranks.folder / ENCODER
    running = subprocess.Popen(
        of_two_ranks.command(ENCODER), cwd=of_two_ranks.folder, text=True,
        env=of_two_ranks.environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    checkpoints = of_two_ranks.folder / "results/checkpoints"
    end = time.monotonic() + 120
    while not list(checkpoints.rglob("cnn-transformer.safetensors")):
        assert time.monotonic() < end
        assert running.poll() is None
        time.sleep(0.05)
    ranks_of(running)["1"].kill()
    said = running.communicate(timeout=600)[0]
    assert running.returncode != 0
    assert "error: Rank 1 was ended by signal 9" in said
    assert "the same command goes on from it" in said
    assert "Traceback" not in said
    assert not encoder.exists()
    assert not list(encoder.parent.glob(".*.part"))
