"""The work on one sample: read its pixels, compute its cube.

It may happen in this process, in a process beside it, or on a Dask worker elsewhere: a
process opens the shard when it is first asked for a sample of it.
"""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from speckle2vec.errors import UserError
from speckle2vec.preprocess.base import (
    Cube,
    FeatureSet,
    FloatArray,
    LeftOut,
    Scene,
    Shape,
    load_feature_set,
)
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import OpticalShard, Sample, Shard
from speckle2vec.readers.registry import open_shard
from speckle2vec.readers.shard_files import ShardFiles
from speckle2vec.settings.root import Settings


@dataclass(frozen=True)
class Job:
    """What is computed of which shard."""

    settings: Settings
    key: ShardKey
    features: str
    made: Path
    shape: Shape
    files: ShardFiles | None = None


@dataclass(frozen=True)
class OpenJob:
    """A job with its shard open."""

    job: Job
    feature_set: FeatureSet
    shard: Shard
    samples: dict[int, Sample]
    optical: OpticalShard | None
    files: ExitStack


_open: OpenJob | None = None


def check_shard(job: Job, samples: Sequence[tuple[int, str]]) -> None:
    """Open the shard once, with its Sentinel-2, and see that the catalogue speaks of it.

    Processes that are forked later find all that is imported for it.

    Args:
        job: The job.
        samples: Row and id of the samples in the catalogue.

    Raises:
        UserError: The shard is missing or damaged, or has changed since, or has no
            Sentinel-2 where that is needed.
    """
    prefix = job.settings.corpora[job.key.corpus].id_prefix
    opened = open_job(job)
    opened.files.close()
    present = {row: prefix + sample.sample_id for row, sample in opened.samples.items()}
    for row, sample_id in samples:
        found = present.get(row, "nothing")
        if found != sample_id:
            raise _outdated(job.key, f"row {row} is {sample_id} there and {found} here")


def compute_sample(job: Job, row: int) -> Cube | LeftOut | UserError:
    """The cube of the sample in a row of the shard, or what is wrong with it."""
    try:
        return compute_open(_opened(job), row)
    except UserError as error:
        return error


def close_shard() -> None:
    """Close the shard that this process opened, if any."""
    global _open
    if _open is not None:
        _open.files.close()
        _open = None


def _opened(job: Job) -> OpenJob:
    global _open
    if _open is None or _open.job != job:
        close_shard()
        _open = open_job(job)
    return _open


def open_job(job: Job) -> OpenJob:
    """Open the shard of a job; the caller closes its files.

    Raises:
        UserError: A file is missing or damaged.
    """
    feature_set = load_feature_set(job.features, job.settings)
    with ExitStack() as files:
        optical = feature_set.open_optical(job.settings, job.key, job.made, job.files)
        if optical is not None:
            files.callback(optical.close)
        radar = open_shard(job.settings, job.key, job.made, job.files)
        shard = files.enter_context(closing(radar))
        samples = {sample.row: sample for sample in shard.samples}
        return OpenJob(job, feature_set, shard, samples, optical, files.pop_all())


class RawDataError(UserError):
    """What a reader tells; it names the file itself."""


def compute_open(opened: OpenJob, row: int) -> Cube | LeftOut:
    """The cube of the sample in a row of an open shard.

    Raises:
        UserError: The sample cannot be used.
    """
    key, sample = opened.job.key, opened.samples[row]
    corpus = opened.job.settings.corpora[key.corpus]
    scene = Scene(sample, corpus, partial(_images, opened, row), opened.optical)
    try:
        return opened.feature_set.cube(scene, opened.job.shape)
    except RawDataError:
        raise
    except UserError as error:
        raise UserError(f"{key}, sample {sample.sample_id}: {error}") from error


def _images(opened: OpenJob, row: int) -> FloatArray:
    """Backscatter of one sample, with as many dates as its corpus declares."""
    key, sample = opened.job.key, opened.samples[row]
    dates = opened.job.settings.corpora[key.corpus].dates
    try:
        images = opened.shard.read(row)
    except UserError as error:
        raise RawDataError(str(error)) from error
    if len(images) != dates:
        told = f"{sample.sample_id} has {len(images)} dates instead of {dates}"
        raise RawDataError(str(_outdated(key, told)))
    return images


def _outdated(key: ShardKey, difference: str) -> UserError:
    return UserError(
        f"{key}: the catalogue is not of these raw data ({difference}); remove the shard's "
        "part of results/catalogue and run the same command again, or put the right raw file back "
        "where another stands in its place."
    )
