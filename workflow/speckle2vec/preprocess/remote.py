"""What a worker of a Dask cluster runs: the work on one sample, if its code is the job's."""

import importlib.metadata
import platform
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock

import cv2
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.choices import OPTICAL_FEATURES, feature_module, optical_module, reader_module
from speckle2vec.errors import UserError
from speckle2vec.preprocess.base import Cube, LeftOut
from speckle2vec.preprocess.samples import Job, OpenJob, compute_open, open_job
from speckle2vec.provenance import fingerprint

LIBRARIES = ("speckle2vec", "numpy", "opencv-python-headless", "scikit-image", "zarr")
SHARDS_OPEN = 4
"""Jobs whose samples come to a worker in turns each have their shard open there."""
_one_at_a_time = Lock()
_open: OrderedDict[str, OpenJob] = OrderedDict()


@dataclass(frozen=True)
class Trouble:
    """Why a worker made nothing of a sample."""

    text: str
    other_build: bool = False


@dataclass(frozen=True)
class Task:
    """A job as it travels to workers."""

    job: Job
    run: str
    """Differs from run to run: raw data that were mended meanwhile are opened anew."""
    build: Mapping[str, str]
    """What the job's own process computes with, as of `build_of`."""


def build_of(job: Job) -> Mapping[str, str]:
    """What this process computes a job with: its code, Python and libraries, by name."""
    source = job.settings.corpora[job.key.corpus].source
    modules = [feature_module(job.features), reader_module(source)]
    if job.features in OPTICAL_FEATURES:
        modules.append(optical_module(source))
    return _build(*modules)


@cache
def _build(*modules: str) -> Mapping[str, str]:
    """The fingerprint is taken once, near the time at which the modules are imported."""
    python = ".".join(platform.python_version_tuple()[:2])
    code = fingerprint("speckle2vec.preprocess.remote", *modules)
    return {**{name: _version(name) for name in LIBRARIES}, "Python": python, "code": code}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def compute_there(task: Task, row: int) -> Cube | LeftOut | Trouble:
    """On a worker: the cube of the sample in a row of the shard, or what is wrong.

    A worker computes one sample at a time, whatever its number of threads: libraries keep to
    one thread each, and several samples in one process wait for the interpreter's lock.
    """
    with _one_at_a_time:
        _keep_to_one_thread()
        if differences := _differences(task.build, build_of(task.job)):
            return Trouble(differences, other_build=True)
        try:
            return compute_open(_opened(task), row)
        except (UserError, OSError) as error:
            return Trouble(str(error))


@cache
def _keep_to_one_thread() -> None:
    threadpool_limits(limits=1)
    cv2.setNumThreads(1)


def _differences(wanted: Mapping[str, str], own: Mapping[str, str]) -> str:
    """What a worker has otherwise than the job; empty where it has the same."""
    return ", ".join(
        f"{name} {own.get(name, 'none')} instead of {value}"
        for name, value in wanted.items()
        if own.get(name) != value
    )


def _opened(task: Task) -> OpenJob:
    if task.run not in _open:
        _open[task.run] = open_job(task.job)
        while len(_open) > SHARDS_OPEN:
            _open.popitem(last=False)[1].files.close()
    _open.move_to_end(task.run)
    return _open[task.run]
