"""Cubes computed on a Dask cluster: a scheduler and its workers on loopback."""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager

import pytest
import yaml

TINY = "config/experiments/tiny.yaml"
SHARD = "train-000001"
CUBES = f"results/cubes/sar-temporal/tiny/{SHARD}.zarr.zip"


@contextmanager
def processes(environment, folder, *commands):
    """Programs of Dask that run until the end of the block, or until they are killed."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**environment, "OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(["dask", *command], cwd=folder, env=environment, **quiet)
        for command in commands
    ]
    try:
        yield running
    finally:
        for one in running:
            one.kill()
            one.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """The address of a scheduler without workers."""
    folder = tmp_path_factory.mktemp("scheduler")
    told = folder / "scheduler.json"
    command = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
               "--scheduler-file", str(told)]  # fmt: skip
    with processes(dict(os.environ), folder, command):
        wait_until(told.exists)
        yield json.loads(told.read_text())["address"]


def worker(address):
    return ["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
            "--memory-limit", "0"]  # fmt: skip


def wait_until(is_so, limit_s=300):
    end = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def preprocess(finished_once, tmp_path):
    """Preprocess the finished project's shard again, by hand and elsewhere."""

    def work(address, wait_s):
        config = yaml.safe_load((finished_once.folder / TINY).read_text())
        config["preprocess"] = {"dask": {"scheduler": address, "wait": wait_s}}
        (tmp_path / "dask.yaml").write_text(yaml.safe_dump(config))
        begin = time.monotonic()
        done = finished_once.cli(
            "preprocess", "--config", tmp_path / "dask.yaml", "--shard", f"tiny/{SHARD}",
            "--features", "sar-temporal", "--threads", "1", "--output", tmp_path / "cubes.zarr.zip",
            "--catalogue", f"results/catalogue/tiny/{SHARD}.parquet",
        )  # fmt: skip
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "distributed" not in done.stderr
        assert time.monotonic() - begin < 60
        assert not list(tmp_path.glob("*cubes*"))
        return done.stderr

    return work


def test_dask_workers_make_the_bytes_of_one_machine_though_one_is_killed(finished, scheduler):
    cubes = finished.folder / CUBES
    before = cubes.read_bytes()
    cubes.unlink()
    chosen = f'preprocess={{dask: {{scheduler: "{scheduler}"}}}}'
    commands = [worker(scheduler)] * 2
    with processes(finished.environment, finished.folder, *commands) as (first, _):
        running = subprocess.Popen(
            finished.command(CUBES, "--config", chosen), cwd=finished.folder,
            env=finished.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        wait_until(lambda: len(list(cubes.parent.glob(".*.part/cubes/c.*"))) >= 3)
        first.send_signal(signal.SIGKILL)
        unfinished = not cubes.exists()
        said = running.communicate(timeout=600)[0]
    assert running.returncode == 0, said
    assert unfinished
    assert cubes.read_bytes() == before
    assert f"samples go to the Dask scheduler at {scheduler}." in said
    assert not finished.planned()


def test_dask_of_an_address_where_nobody_listens_is_a_sentence(preprocess):
    said = preprocess("tcp://127.0.0.1:9", 1)
    assert "error: No Dask scheduler answers at `tcp://127.0.0.1:9` within 1 s" in said
    assert "set `preprocess.dask.scheduler` to the address" in said


def test_dask_of_an_address_that_is_none_is_a_sentence(preprocess):
    said = preprocess("node1", 1)
    assert "error: No Dask scheduler answers at `node1`" in said
    assert "missing port number" in said


def test_a_dask_scheduler_without_workers_is_a_sentence(preprocess, scheduler):
    said = preprocess(scheduler, 1)
    assert f"error: The Dask scheduler at `{scheduler}` has had no worker for 1 s" in said
    assert f"`dask worker {scheduler} --nworkers" in said


def test_dask_workers_of_another_version_are_refused(
    preprocess, finished_once, scheduler, tmp_path_factory
):
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(finished_once.folder / "workflow", other / "workflow")
    with (other / "workflow/speckle2vec/preprocess/temporal.py").open("a") as code:
        code.write("\nCHANGED = 1\n")
    environment = {**finished_once.environment, "PYTHONPATH": str(other / "workflow")}
    with processes(environment, other, worker(scheduler)):
        said = preprocess(scheduler, 30)
    assert f"error: A worker of the Dask scheduler at `{scheduler}` has another version" in said
    assert "(code " in said


def test_a_dask_cluster_reruns_nothing(finished):
    text = finished.folder / TINY
    config = yaml.safe_load(text.read_text())
    config["preprocess"] = {"dask": {"scheduler": "tcp://node1:8786"}}
    text.write_text(yaml.safe_dump(config))
    assert not finished.planned()
