"""Two runs on one folder, and the lock that a killed one leaves behind."""

import os
import signal
import subprocess
import time
from contextlib import contextmanager

from tests.workflow.kills import digests

MADE = ("embeddings.*", "models/**/*.*", "cubes/**/*.zip")


@contextmanager
def running(project):
    """The main job in a process group of its own, in which Snakemake holds its lock."""
    log = (project.folder / "first.log").open("w")
    run = subprocess.Popen(
        project.command(), cwd=project.folder, env=project.environment, stdout=log,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        wait_for(lambda: any((project.folder / "results/cubes").rglob("*.part")), run)
        yield run
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        log.close()


def wait_for(is_so, run, limit_s=900):
    end = time.monotonic() + limit_s
    while not is_so() and run.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    assert is_so()


def test_fault_a_second_run_is_refused_and_the_first_is_unharmed(fresh, finished_once):
    with running(fresh) as first:
        os.killpg(first.pid, signal.SIGSTOP)  # else it may end before the others have looked
        second = fresh.snakemake()
        assert second.returncode != 0
        assert "cannot be locked" in second.stdout
        assert "Traceback" not in second.stdout
        cleared = fresh.cli("unlock")
        assert cleared.returncode == 1
        assert f"a run works here (process {first.pid}" in cleared.stderr
        os.killpg(first.pid, signal.SIGCONT)
        assert first.wait(900) == 0, (fresh.folder / "first.log").read_text()
    assert digests(fresh, *MADE) == digests(finished_once, *MADE)


def test_fault_the_lock_of_a_killed_run_is_cleared_by_one_command(fresh, finished_once):
    with running(fresh):
        pass
    refused = fresh.snakemake()
    assert refused.returncode != 0
    assert "--unlock" in refused.stdout
    cleared = fresh.cli("unlock")
    assert cleared.returncode == 0, cleared.stderr
    assert "its lock is removed" in cleared.stderr
    fresh.make()
    assert digests(fresh, *MADE) == digests(finished_once, *MADE)
