"""The long campaign of faults: `make faults`, or `python -m tests.faults --kills 100`.

The tiny main job is killed (SIGKILL for its whole process group) at random moments, each time
in a new folder, and run again to its end; every product must have the bytes of a run that
nobody disturbed. Then the fuzzing of all readers, with many more files than CI damages.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from tests.workflow.conftest import new_project
from tests.workflow.kills import digests, kill_when

PRODUCTS = (
    "*.csv", "*.parquet", "catalogue/**/*.*", "corpora/**/*.*", "cubes/**/*.*", "embeddings/**/*.*",
    "models/**/*.*", "statistics/*.*",
)  # fmt: skip


def undisturbed(folder):
    """A run that nobody disturbs: its digests and its seconds."""
    project, start = new_project(folder), time.monotonic()
    project.make()
    return digests(project, *PRODUCTS), time.monotonic() - start


def killed_at(folder, seconds):
    """Kill a new run after some seconds and finish it; its digests, and how far it had come."""
    project, end = new_project(folder), time.monotonic() + seconds
    try:
        kill_when(project, lambda: time.monotonic() >= end)
    except AssertionError:
        return digests(project, *PRODUCTS), None  # it was quicker than the moment drawn
    reached = len(digests(project, *PRODUCTS))
    cleared = project.cli("unlock")
    if cleared.returncode != 0:
        raise SystemExit(f"after {seconds:.1f} s: {cleared.stderr}")
    project.make()
    return digests(project, *PRODUCTS), reached


def kills(count, seed):
    """Kill so many runs; give how many ended with the bytes of the undisturbed one."""
    moments = np.random.default_rng(seed).uniform(size=count)
    with tempfile.TemporaryDirectory() as folder:
        truth, seconds = undisturbed(Path(folder) / "undisturbed")
        print(f"undisturbed: {len(truth)} products in {seconds:.0f} s", flush=True)
        right = in_time = 0
        for number, share in enumerate(moments, 1):
            place = Path(folder) / f"killed-{number}"
            found, reached = killed_at(place, share * seconds)
            right += found == truth
            in_time += reached is not None
            names = sorted({*truth, *found})  # what a killed job leaves behind is a fault too
            differing = [name for name in names if found.get(name) != truth.get(name)]
            told = ", ".join(differing) + " differ" if differing else "the same bytes"
            at = f"killed after {share * seconds:.1f} s with {reached} products"
            if reached is None:
                at = f"at its end before the {share * seconds:.1f} s drawn"
            print(f"{number} of {count}: {at}; {told}", flush=True)
            shutil.rmtree(place)
    print(f"{right} of {count} ended with the same bytes; {in_time} were killed in time")
    return right == count


def main():
    """Run the campaign; status 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--fuzz", type=int, default=5_000)
    given = parser.parse_args()
    fine = kills(given.kills, given.seed) if given.kills else True
    if given.fuzz:
        environment = {**os.environ, "FUZZ": str(given.fuzz)}
        command = [sys.executable, "-m", "pytest", "-q", "tests/faults", "-n", "auto"]
        fine &= subprocess.run(command, env=environment, check=False).returncode == 0
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
