"""Samples on a Dask cluster that stands elsewhere, named by the address of its scheduler."""

import asyncio
import logging
import time
import uuid
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from distributed import CancelledError, Client, Future, KilledWorker, Security, wait
from distributed.comm.core import connect

from speckle2vec.errors import UserError
from speckle2vec.preprocess.base import Cube, LeftOut
from speckle2vec.preprocess.remote import Task, Trouble, build_of, compute_there
from speckle2vec.preprocess.samples import Job
from speckle2vec.progress import LOGGER, track
from speckle2vec.readers.locations import is_url
from speckle2vec.settings.stages import Dask

IN_FLIGHT = 64
"""Samples that a job has on the cluster at a time, which bounds what results wait there."""
LOOK_SECONDS = 2.0


@contextmanager
def joined_cluster(job: Job) -> Iterator["Cluster"]:
    """Connect to the scheduler that the settings name.

    Raises:
        UserError: Nobody answers there, or the scheduler has no workers.
    """
    settings = job.settings.preprocess.dask
    # What went wrong is told in a sentence; Dask would tell it in several tracebacks.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        asyncio.run(_knock(settings))
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            f"No Dask scheduler answers at `{settings.scheduler}` within {settings.wait:g} s "
            f"({str(error) or 'nothing is heard'}); start one (`dask scheduler`), set "
            "`preprocess.dask.scheduler` to the address that it prints, or leave that empty to "
            "work on this machine."
        ) from None
    client = Client(settings.scheduler, timeout=settings.wait)  # type: ignore[no-untyped-call]
    try:
        yield Cluster(client, job)
    finally:
        client.close(timeout=LOOK_SECONDS)  # type: ignore[no-untyped-call]


async def _knock(settings: Dask) -> None:
    """See that a scheduler answers; a client that gave up would tell of it at its very end."""
    arguments = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    async with asyncio.timeout(settings.wait):  # a server that is none of Dask's is not waited for
        comm = await connect(settings.scheduler, **arguments)  # type: ignore[no-untyped-call]
    await comm.close()


class Cluster:
    """The workers of a scheduler, for one job."""

    def __init__(self, client: Client, job: Job) -> None:
        self._client, self._job = client, job
        self._dask = job.settings.preprocess.dask
        self._seen = time.monotonic()
        self._task = Task(_anywhere(job), uuid.uuid4().hex, build_of(job))

    def blocks(self, rows: Sequence[int]) -> Generator[Sequence[Cube | LeftOut], None, None]:
        """What becomes of the samples in some rows, in order, one by one.

        Raises:
            UserError: The first sample that cannot be used, or the workers are of another
                version, or are gone.
        """
        LOGGER.info("%s: %d samples go to the Dask scheduler at %s.",
                    self._job.key, len(rows), self._dask.scheduler)  # fmt: skip
        yield from track(self._results(rows), len(rows), f"Preprocessing {self._job.key}")

    def _results(self, rows: Sequence[int]) -> Iterator[Sequence[Cube | LeftOut]]:
        waiting: deque[Future[Any]] = deque()
        for row in rows:
            if len(waiting) == IN_FLIGHT:
                yield [self._result(waiting.popleft())]
            waiting.append(self._client.submit(compute_there, self._task, row, pure=False))
        while waiting:
            yield [self._result(waiting.popleft())]

    def _result(self, future: Future[Any]) -> Cube | LeftOut:
        self._seen = time.monotonic()
        try:
            while not _is_done(future):
                self._see_workers()
            result: Cube | LeftOut | Trouble = future.result()
        except KilledWorker as error:
            raise UserError(
                f"{self._job.key}: a sample was given to several workers of the Dask cluster and "
                f"each of them ended, the last of them {error.last_worker.address}; look into the "
                "workers' logs for a want of memory, or of speckle2vec in their environment, mend "
                "that, and run the same command again."
            ) from None
        except (CancelledError, OSError):
            raise self._scheduler_gone() from None
        except ImportError as error:
            raise self._other_build(str(error)) from None
        if not isinstance(result, Trouble):
            return result
        if result.other_build:
            raise self._other_build(result.text)
        raise UserError(f"{result.text} (A Dask worker tells this; workers read the same paths.)")

    def _see_workers(self) -> None:
        """Stop where the scheduler is gone, or there has been no worker for too long."""
        now = time.monotonic()
        if self._client.status not in ("running", "connecting"):
            raise self._scheduler_gone()
        if self._client.scheduler_info(n_workers=-1).get("workers"):
            self._seen = now
        elif self._client.status == "running" and now - self._seen > self._dask.wait:
            raise UserError(
                f"The Dask scheduler at `{self._dask.scheduler}` has had no worker for "
                f"{self._dask.wait:g} s; start some (`dask worker {self._dask.scheduler} "
                "--nworkers 4 --nthreads 1`), or raise `preprocess.dask.wait` where they take "
                "longer to come, and run the same command again. Workers that end as soon as they "
                "are given work lack speckle2vec: their logs say so."
            )

    def _scheduler_gone(self) -> UserError:
        return UserError(
            f"The Dask scheduler at `{self._dask.scheduler}` was lost while {self._job.key} was "
            "computed; start it again, with workers, and run the same command again."
        )

    def _other_build(self, difference: str) -> UserError:
        return UserError(
            f"A worker of the Dask scheduler at `{self._dask.scheduler}` has another version of "
            f"speckle2vec or of what it needs ({difference}), so its cubes could differ; start "
            "the workers from the same environment and the same folder of code as this command."
        )


def _is_done(future: Future[Any]) -> bool:
    try:
        wait([future], timeout=LOOK_SECONDS)  # type: ignore[no-untyped-call]
    except TimeoutError:
        return False
    return True


def _anywhere(job: Job) -> Job:
    """The same job with paths that do not start from this process's folder."""
    data, settings = job.settings.data, job.settings
    if not is_url(data):
        settings = settings.model_copy(update={"data": str(Path(data).expanduser().absolute())})
    files = job.files and job.files.absolute()
    return replace(job, settings=settings, made=job.made.absolute(), files=files)
