"""Cubes of one shard on a Dask cluster of two workers against one: goal 1.7.

Run as `python -m tests.benchmarks.dask`. Workers join and leave one scheduler on loopback, in
turn, so that a busy machine is as busy for both.
"""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.preprocess import KEY, draw_shard, seconds

from speckle2vec.preprocess.run import preprocess_shard
from speckle2vec.settings.load import load_settings

TURNS = 3


def start(*command):
    """A program of Dask, on one thread and silent."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(["dask", *command, "--no-dashboard"], env=environment, **quiet)


def time_workers(folder, address, count):
    """Seconds of the job of a shard on so many workers, after one that lets them import."""
    settings = load_settings(folder / "config.yaml")
    dask = settings.preprocess.dask.model_copy(update={"scheduler": address})
    preprocess = settings.preprocess.model_copy(update={"dask": dask})
    settings = settings.model_copy(update={"preprocess": preprocess})
    job = (settings, KEY, "sar-temporal", folder / "part.parquet", folder / "made",
           folder / "cubes.zarr.zip", 1)  # fmt: skip
    single = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0")
    workers = [start("worker", address, *single) for _ in range(count)]
    try:
        time.sleep(5)
        preprocess_shard(*job)
        return seconds(preprocess_shard, *job)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def benchmark() -> list[dict]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_shard(folder)
        told = folder / "scheduler.json"
        local = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told))
        scheduler = start("scheduler", *local)
        try:
            while not told.exists():
                time.sleep(0.1)
            address = json.loads(told.read_text())["address"]
            times = [
                tuple(time_workers(folder, address, count) for count in (1, 2))
                for _ in range(TURNS)
            ]
        finally:
            scheduler.kill()
            scheduler.wait()
    one, two = (median(column) for column in zip(*times, strict=True))
    ratio = median(one / two for one, two in times)
    return [{"name": "dask (two workers, one)", "ours": two, "theirs": one, "ratio": ratio}]


if __name__ == "__main__":
    for row in benchmark():
        print(f"{row['name']:48} {row['ours']:8.4f} {row['theirs']:8.4f} {row['ratio']:6.2f}x")
