"""Dask's schedulers for samples, and the processes that work side by side.

Processes, not threads: a sample is some hundred short calls that each give the
interpreter's lock back and fetch it again, and four threads were no faster than one.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import cv2
from dask.base import compute
from dask.delayed import delayed
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.errors import UserError
from speckle2vec.preprocess.base import Cube, LeftOut
from speckle2vec.preprocess.samples import Job, close_shard, compute_sample

Scheduler = dict[str, Any]


def compute_samples(job: Job, rows: Sequence[int], scheduler: Scheduler) -> list[Cube | LeftOut]:
    """Cubes of the samples in some rows of the shard, in their order.

    Raises:
        UserError: What the first sample that cannot be used tells.
    """
    task = delayed(compute_sample, pure=False)
    tasks = [task(job, row) for row in rows]
    cubes = compute(*tasks, **scheduler)  # type: ignore[no-untyped-call]
    for cube in cubes:
        if isinstance(cube, UserError):
            raise cube
    return list(cubes)


@contextmanager
def worker_processes(count: int) -> Iterator[Scheduler]:
    """What tells Dask to work in so many processes; one works in this process itself."""
    with single_threaded_libraries():
        if count == 1:
            try:
                yield {"scheduler": "synchronous"}
            finally:
                close_shard()
            return
        context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        with ProcessPoolExecutor(count, context, _start) as pool:
            # Forks now, before this process opens files and starts threads to write them.
            pool.submit(os.getpid).result()
            yield {"scheduler": "processes", "pool": pool, "chunksize": 1}


@contextmanager
def single_threaded_libraries() -> Iterator[None]:
    """Keep OpenCV and BLAS to one thread each: the samples are what runs side by side."""
    before = cv2.getNumThreads()
    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(limits=1))
        stack.callback(cv2.setNumThreads, before)
        cv2.setNumThreads(1)
        yield


def _start() -> None:
    """Begin a process: leave Ctrl-C to the parent, and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threadpool_limits(limits=1)
    cv2.setNumThreads(1)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
