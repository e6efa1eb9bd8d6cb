"""How often Snakemake's scheduler looks for jobs."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from snakemake.scheduling.job_scheduler import JobScheduler

from speckle2vec.planning.scheduler import LOOK_AGAIN, look_once_at_a_time, one_at_a_time

JOBS = """
rule all:
    input: expand("short/{number}", number=range(40)), expand("long/{number}", number=range(6))

rule short:
    output: "short/{number}"
    priority: 1
    shell: "touch {output}"

rule long:
    output: "long/{number}"
    shell: "sleep 1; touch {output}"
"""
COUNTED = """
import atexit
from snakemake.scheduling.job_scheduler import JobScheduler

looks, select = [], JobScheduler.job_selector
JobScheduler.job_selector = lambda self, jobs: looks.append(1) or select(self, jobs)
atexit.register(lambda: open("looks", "a").write(f"{len(looks)}\\n"))
"""
MENDED = """
from speckle2vec.planning.scheduler import look_once_at_a_time
onstart:
    look_once_at_a_time(workflow.scheduler)
"""


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self):
        self.time, self.ordered = 100.0, []
        self.order = one_at_a_time(self.ordered.append, lambda: self.time)


def test_an_order_before_the_last_is_due_is_dropped():
    clock = Clock()
    for moment, delay in ((100, 1), (100.5, 1), (100.9, 5), (101, 2), (102.9, 1), (103, 1)):
        clock.time = moment
        clock.order(delay)
    assert clock.ordered == [1, 2, 1]


def test_looks_never_end_where_each_orders_the_next():
    clock = Clock()
    for _ in range(1000):
        clock.order(1.0)
        clock.time += 1.0
    assert len(clock.ordered) == 1000


def test_the_pinned_snakemake_has_the_method():
    assert callable(getattr(JobScheduler, LOOK_AGAIN))


def test_a_scheduler_without_it_is_left_as_it_is():
    other = SimpleNamespace(name="other")
    look_once_at_a_time(other)
    assert vars(other) == {"name": "other"}


@pytest.fixture
def looks(tmp_path):
    """How often a run of Snakemake looks for jobs, with some lines in its Snakefile."""

    def counted(lines):
        folder = tmp_path / str(len(lines))
        folder.mkdir()
        (folder / "Snakefile").write_text(COUNTED + lines + JOBS)
        command = [sys.executable, "-m", "snakemake", "--cores", "2", "--scheduler", "greedy"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        assert len(list(folder.glob("*/*"))) >= 46
        return int((folder / "looks").read_text().split()[-1])

    return counted


def test_a_run_looks_less_often_and_makes_the_same(looks):
    usual, mended = looks(""), looks(MENDED)
    # Both look whenever a job has ended; the usual one some 40 times a second beside that.
    assert usual > 1.5 * mended
