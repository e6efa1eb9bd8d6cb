"""SIGKILL at the worst moments, then the same command: the same bytes."""

import hashlib
import os
import signal
import subprocess
import time

import pytest


def digests(project):
    results = project.folder / "results"
    files = [
        *results.glob("embeddings.*"),
        *results.glob("models/**/*.*"),
        *results.glob("cubes/**/*.zip"),
    ]
    return {
        str(file.relative_to(results)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def kill_when(project, is_time, limit_s=240):
    """Start the main job in a process group of its own and kill the group."""
    log = (project.folder / "killed.log").open("w")
    running = subprocess.Popen(
        project.command(), cwd=project.folder, env=project.environment, stdout=log,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + limit_s
    while not is_time() and time.monotonic() < end and running.poll() is None:
        time.sleep(0.02)
    was_alive = running.poll() is None
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    log.close()
    assert was_alive, (project.folder / "killed.log").read_text()


def in_the_middle_of_preprocessing(results):
    """A cube store is being written."""
    return lambda: any(results.glob("cubes/sar-temporal/tiny/.*.part"))


def in_the_middle_of_training(results):
    """A checkpoint was written, the encoder was not."""
    return lambda: any(results.glob("checkpoints/**/cnn-transformer.safetensors"))


@pytest.mark.parametrize("moment", [in_the_middle_of_preprocessing, in_the_middle_of_training])
def test_a_killed_run_ends_with_the_bytes_of_one_that_was_not(finished_once, fresh, moment):
    kill_when(fresh, moment(fresh.folder / "results"))
    assert not (fresh.folder / "results/embeddings.csv").exists()
    fresh.make("--unlock")
    text = fresh.make()
    if moment is in_the_middle_of_training:
        assert "going on" in text.lower()
    assert digests(fresh) == digests(finished_once)
