"""The main job through sbatch, on a real Slurm of one node."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

SCRIPTS = Path(__file__).parent / "slurm"
REPOSITORY = Path(__file__).parents[2]
TINY = "config/experiments/tiny.yaml"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
# What a site changes: no accounting database here, small groups, and tests do not wait long.
SITE = (
    "--profile", "profiles/slurm", "--cores", "2", "--slurm-no-account",
    "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1",
    "--seconds-between-status-checks", "1", "--latency-wait", "5",
)  # fmt: skip


@pytest.fixture(scope="module")
def slurm():
    """A Slurm that stands; what started it here ends it."""
    if os.geteuid() != 0 or not (shutil.which("slurmctld") or shutil.which("apt-get")):
        pytest.skip("Slurm needs root, and apt to be installed")
    with FileLock("/tmp/speckle2vec-slurm.lock"):
        stood = subprocess.run(["scontrol", "ping"], capture_output=True, check=False).returncode \
            if shutil.which("scontrol") else 1  # fmt: skip
        up = subprocess.run([SCRIPTS / "up.sh"], capture_output=True, text=True, check=False)
        if up.returncode != 0:
            pytest.skip(f"Slurm cannot be brought up here: {up.stderr[-300:]}")
        yield
        if stood != 0:
            subprocess.run([SCRIPTS / "down.sh"], check=False)


class Submitted:
    """A run of Snakemake that submits to Slurm, beside others."""

    def __init__(self, folder, environment, *arguments):
        self.folder = folder
        self.running = subprocess.Popen(
            ["snakemake", *SITE, *arguments], cwd=folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ended(self):
        """What it said, when it has ended; a run that waits is told of with Slurm's queue."""
        try:
            return self.running.communicate(timeout=900)[0]
        except subprocess.TimeoutExpired:
            queue = subprocess.run(
                ["squeue", "--long"], capture_output=True, text=True, check=False
            )
            self.running.kill()
            pytest.fail(f"{self.running.communicate()[0]}\n{queue.stdout}")


def submissions(text):
    """How many jobs Slurm was given."""
    return len(re.findall(r"has been submitted with SLURM jobid \d+", text))


@pytest.fixture(scope="module")
def hard_days(slurm, tmp_path_factory):
    """What a node does to jobs, by two rules under our profile, while the main job runs."""

    def start(target, *arguments):
        folder = tmp_path_factory.mktemp(target) / "project"
        shutil.copytree(REPOSITORY / "profiles", folder / "profiles")
        shutil.copy(SCRIPTS / "two_rules.smk", folder / "Snakefile")
        environment = {**os.environ, "PATH": PATH}
        return Submitted(folder, environment, *arguments, f"{target}.txt")

    runs = {"slow": start("slow"), "broken": start("broken", "--retries", "0")}
    yield runs
    for run in runs.values():
        run.running.kill()


def test_slurm_makes_the_bytes_of_one_machine(slurm, hard_days, fresh, finished_once):
    run = Submitted(fresh.folder, fresh.environment, "--configfile", TINY)
    said = run.ended()
    assert run.running.returncode == 0, said
    # land cover, a group that draws, a group that checks and preprocesses, catalogue,
    # statistics, pretraining, a group that embeds, export
    assert submissions(said) == 8
    for product in ("embeddings.csv", "embeddings.parquet", "catalogue.parquet"):
        ours, theirs = (one.folder / "results" / product for one in (fresh, finished_once))
        assert ours.read_bytes() == theirs.read_bytes()


def test_slurm_reports_a_job_that_failed_with_its_log(hard_days):
    run = hard_days["broken"]
    said = run.ended()
    assert run.running.returncode != 0
    assert "Error in rule broken" in said
    (log,) = re.findall(r"\(log: (.+?\.log)\)", said)
    assert said.count(log) >= 2  # where it is submitted and where it has failed
    assert "Error in rule broken" in Path(log).read_text()
    assert "the disk of the node is full" in said
    assert submissions(said) == 1


def test_slurm_ends_a_job_at_its_time_limit_and_it_is_tried_with_more(hard_days):
    run = hard_days["slow"]
    said = run.ended()
    assert run.running.returncode == 0, said
    assert submissions(said) == 2
    assert (run.folder / "slow.txt").read_text().split() == ["1", "2"]
    (first, _) = re.findall(r"\(log: (.+?\.log)\)", said)
    assert "DUE TO TIME LIMIT" in Path(first).read_text()
