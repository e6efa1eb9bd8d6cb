"""Preprocessing against the report's literal functions, and on all cores against one.

Run as `python -m tests.benchmarks.preprocess`. Both sides read the same simulated
backscatter, and their features are compared before any time is taken.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import psutil
from tests.benchmarks import literal_report, memory
from threadpoolctl import threadpool_limits

from speckle2vec.preprocess.run import preprocess_shard
from speckle2vec.preprocess.sar_temporal import FEATURES, SarTemporalFeatures
from speckle2vec.products.keys import ShardKey
from speckle2vec.settings.load import load_settings
from speckle2vec.settings.stages import SarTemporal

SAMPLES, ROUNDS, JOBS = 6, 5, 3
SHAPE, LOOKS = (4, 2, 264, 264), 4.4
LARGEST_DIFFERENCE = 1e-3
"""In standard deviations of a feature, of any pixel."""
DATES = (np.datetime64("NaT"),) * 4
KEY = ShardKey("demo", memory.SAMPLES_FROM)


class WithoutFilter(SarTemporalFeatures):
    """Everything but the bilateral filter: the images come denoised."""

    def denoise(self, vv, vh):
        return vv, vh


def draw_sample(seed):
    """Parcels under gamma speckle, with some bright corners: float16, dB, as published."""
    random = np.random.default_rng(seed)
    parcels = random.normal(0, 3, (1, 1, 12, 12)) + random.normal(0, 1, (4, 2, 12, 12))
    scene = np.kron(parcels, np.ones((22, 22))) + np.array([-12, -19])[:, None, None]
    for row, column in random.integers(0, 260, (20, 2)):
        scene[..., row : row + 2, column : column + 2] += random.uniform(10, 20)
    return (scene + 10 * np.log10(random.gamma(LOOKS, 1 / LOOKS, SHAPE))).astype(np.float16)


def check_equal(ours, theirs):
    """Stop unless every pixel of every feature agrees."""
    for name, one, other in zip(FEATURES, ours, theirs, strict=True):
        difference = np.abs(one - other).max() / other.std()
        if not difference <= LARGEST_DIFFERENCE:
            raise RuntimeError(f"{name} differs by {difference:.1e} standard deviations.")


def seconds(function, *arguments, clock=time.perf_counter):
    begin = clock()
    function(*arguments)
    return clock() - begin


def compare(name, ours, theirs, samples):
    """Medians of interleaved runs, seconds a sample of one thread's own time."""
    for sample in samples:
        check_equal(ours(sample), theirs(sample))
    times = [
        tuple(seconds(side, sample, clock=time.thread_time) for side in (ours, theirs))
        for _ in range(ROUNDS)
        for sample in samples
    ]
    return entry(name, *(median(column) for column in zip(*times, strict=True)))


def entry(name, ours, theirs):
    return {"name": name, "ours": ours, "theirs": theirs, "ratio": theirs / ours}


def one_core():
    """Features of one sample at a time, OpenCV and BLAS on one thread."""
    samples = [draw_sample(seed) for seed in range(SAMPLES)]
    denoised = [literal_report.denoise_all(sample) for sample in samples]
    whole, rest = SarTemporalFeatures(SarTemporal()), WithoutFilter(SarTemporal())
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    with threadpool_limits(limits=1):
        entries = [
            compare(
                "preprocess-all",
                lambda sample: whole.compute(sample.astype(np.float32), DATES),
                literal_report.features,
                samples,
            ),
            compare(
                "preprocess-rest",
                lambda sample: rest.compute(sample, DATES),
                literal_report.features_of_denoised,
                denoised,
            ),
        ]
    cv2.setNumThreads(before)
    return entries


def time_jobs(folder, workers, output):
    """In a process of its own: median seconds of the job of one shard, imports left out."""
    settings = load_settings(folder / "config.yaml")
    job = (settings, KEY, "sar-temporal", folder / "part.parquet", folder / "made", output)
    preprocess_shard(*job, workers)
    return median(seconds(preprocess_shard, *job, workers) for _ in range(JOBS))


def start(folder, cores, output):
    """Start such a process, bound to some cores."""
    command = [sys.executable, "-m", "tests.benchmarks.preprocess", str(folder), str(len(cores))]
    return subprocess.Popen(
        [*command, str(output)], stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )  # fmt: skip


def time_side_by_side(folder, bound):
    """Median seconds of a job while one runs on each of the sets of cores."""
    running = [start(folder, cores, folder / f"{n}.zarr.zip") for n, cores in enumerate(bound)]
    return median(float(process.communicate()[0]) for process in running)


def draw_shard(folder):
    """One shard of 64 simulated samples and its catalogue."""
    raw = memory.draw_raw(folder)
    place = folder / "made/demo/train/S1GRD/ssl4eos12_train_seasonal_data_000001.zarr.zip"
    place.parent.mkdir(parents=True)
    raw.rename(place)
    memory.peak_mb(folder, "ingest", "--shard", str(KEY), "--made", "made",
                   "--output", "part.parquet")  # fmt: skip


def scaling():
    """Seconds a shard, from its zip of raw data to its zip of cubes, on all cores and on one.

    The workflow has a shard a core; where there are fewer shards than cores, several
    processes share one.
    """
    usable = sorted(os.sched_getaffinity(0))
    cores = usable[: psutil.cpu_count(logical=False) or len(usable)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_shard(folder)
        times = []
        for _ in range(2):
            alone = time_side_by_side(folder, [cores[:1]])
            each = time_side_by_side(folder, [[core] for core in cores]) / len(cores)
            times.append((alone, each, time_side_by_side(folder, [cores])))
    one, shard_a_core, one_shard = (median(column) for column in zip(*times, strict=True))
    return [
        entry(f"preprocess-scaling ({len(cores)} cores, a shard each)", shard_a_core, one),
        entry(f"preprocess-scaling ({len(cores)} cores, one shard)", one_shard, one),
    ]


def benchmark() -> list[dict]:
    return [*one_core(), *scaling()]


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(time_jobs(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
    else:
        for row in benchmark():
            print(f"{row['name']:48} {row['ours']:8.4f} {row['theirs']:8.4f} {row['ratio']:6.2f}x")
