"""Programs beside a run that name one of its files."""

import subprocess
import sys

import pytest

from speckle2vec.runs import living


@pytest.fixture
def start(tmp_path):
    """Start a program in a folder."""
    started = []

    def process(*command):
        one = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE)
        started.append(one)
        assert one.stdout.readline()
        return one

    yield process
    for one in started:
        one.kill()
        one.wait()
        one.stdout.close()


def test_who_follows_the_log_of_a_run_is_no_run(tmp_path, start):
    log = tmp_path / "2026-01-01T000000.000000.snakemake.log"
    log.write_text("Building DAG of jobs...\n")
    start("tail", "-f", log.name)
    assert living(tmp_path) == []


def test_a_job_that_is_started_as_a_module_is_a_run(tmp_path, start):
    (tmp_path / "speckle2vec.py").write_text(
        "import time; print('here', flush=True); time.sleep(60)"
    )
    job = start(sys.executable, "-u", "-m", "speckle2vec", "embed")
    assert [one.pid for one in living(tmp_path)] == [job.pid]
