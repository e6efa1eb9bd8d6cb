"""SIGKILL for a whole run, and what it has left behind."""

import hashlib
import os
import signal
import subprocess
import time
from contextlib import suppress


def digests(project, *patterns):
    """SHA-256 of the products that patterns find, by their names."""
    results = project.folder / "results"
    files = [file for pattern in patterns for file in results.glob(pattern) if file.is_file()]
    return {
        str(file.relative_to(results)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def kill_when(project, is_time, *arguments, limit_s=900, **options):
    """Start a run in a process group of its own and kill the group when it is time."""
    log = (project.folder / "killed.log").open("w")
    running = subprocess.Popen(
        project.command(*arguments, **options), cwd=project.folder, env=project.environment,
        stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + limit_s
    while not is_time() and time.monotonic() < end and running.poll() is None:
        time.sleep(0.02)
    was_alive = running.poll() is None
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    log.close()
    assert was_alive, (project.folder / "killed.log").read_text()
