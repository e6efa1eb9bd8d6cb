"""The work on one sample: read its pixels, compute its cube.

It may happen in this process, in a process beside it, or on a Dask worker elsewhere: a
process opens the shard when it is first asked for a sample of it.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.preprocess.base import FeatureSet, load_feature_set
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import Sample, Shard
from speckle2vec.readers.registry import open_shard
from speckle2vec.settings.root import Settings

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Job:
    """What is computed of which shard."""

    settings: Settings
    key: ShardKey
    features: str
    made: Path


@dataclass(frozen=True)
class OpenJob:
    """A job with its shard open."""

    job: Job
    feature_set: FeatureSet
    shard: Shard
    samples: dict[int, Sample]


_open: OpenJob | None = None


def check_shard(job: Job, samples: Sequence[tuple[int, str]]) -> None:
    """Open the shard once, and see that the catalogue speaks of it.

    Processes that are forked later find all that is imported for it.

    Args:
        job: The job.
        samples: Row and id of the samples in the catalogue.

    Raises:
        UserError: The shard is missing or damaged, or has changed since.
    """
    prefix = job.settings.corpora[job.key.corpus].id_prefix
    with closing(open_shard(job.settings, job.key, job.made)) as shard:
        present = {sample.row: prefix + sample.sample_id for sample in shard.samples}
    for row, sample_id in samples:
        found = present.get(row, "nothing")
        if found != sample_id:
            raise _outdated(job.key, f"row {row} is {sample_id} there and {found} here")


def compute_sample(job: Job, row: int) -> FloatArray | UserError:
    """The cube (feature, y, x) of the sample in a row of the shard, or what is wrong with it."""
    try:
        return _compute(_opened(job), row)
    except UserError as error:
        return error


def close_shard() -> None:
    """Close the shard that this process opened, if any."""
    global _open
    if _open is not None:
        _open.shard.close()
        _open = None


def _opened(job: Job) -> OpenJob:
    global _open
    if _open is None or _open.job != job:
        close_shard()
        feature_set = load_feature_set(job.features, job.settings)
        shard = open_shard(job.settings, job.key, job.made)
        _open = OpenJob(job, feature_set, shard, {one.row: one for one in shard.samples})
    return _open


def _compute(opened: OpenJob, row: int) -> FloatArray:
    key, sample = opened.job.key, opened.samples[row]
    dates = opened.job.settings.corpora[key.corpus].dates
    images = opened.shard.read(row)
    if len(images) != dates:
        raise _outdated(key, f"{sample.sample_id} has {len(images)} dates instead of {dates}")
    try:
        return opened.feature_set.compute(images, sample.dates)
    except UserError as error:
        raise UserError(f"{key}, sample {sample.sample_id}: {error}") from error


def _outdated(key: ShardKey, difference: str) -> UserError:
    return UserError(
        f"{key}: the catalogue is not of these raw data ({difference}); remove the shard's "
        "part of results/catalogue and run the same command again."
    )
