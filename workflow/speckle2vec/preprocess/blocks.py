"""Samples computed block by block, by processes here or by a cluster."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from speckle2vec.preprocess.base import Cube, LeftOut
from speckle2vec.preprocess.samples import Job
from speckle2vec.preprocess.workers import Scheduler, compute_samples, worker_processes
from speckle2vec.progress import track

SAMPLES_A_WORKER = 4
Blocks = Generator[Sequence[Cube | LeftOut], None, None]
Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def workers_for(job: Job, workers: int) -> Iterator[Callable[[Sequence[int]], Blocks]]:
    """What computes the samples in some rows: processes here, or a cluster by address.

    Raises:
        UserError: The cluster cannot be reached.
    """
    if job.settings.preprocess.dask.scheduler:
        from speckle2vec.preprocess.cluster import joined_cluster

        with joined_cluster(job) as cluster:
            yield cluster.blocks
        return
    with worker_processes(workers) as scheduler:
        size = SAMPLES_A_WORKER * workers
        yield partial(compute_blocks, job, scheduler=scheduler, size=size)


def compute_blocks(job: Job, rows: Sequence[int], scheduler: Scheduler, size: int) -> Blocks:
    """What becomes of the samples in some rows, in order, in blocks of a size."""
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    cubes = one_ahead(partial(compute_samples, job, scheduler=scheduler), parts)
    yield from track(cubes, len(parts), f"Preprocessing {job.key}")


def one_ahead(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """What a function makes of items, in order; while one is used the next one is made."""
    with ThreadPoolExecutor(1) as thread:
        waiting = None
        for item in items:
            following = thread.submit(function, item)
            if waiting is not None:
                yield waiting.result()
            waiting = following
        if waiting is not None:
            yield waiting.result()
