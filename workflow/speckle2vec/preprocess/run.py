"""Preprocessing of one shard: its accepted samples become cubes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from dask.base import compute
from dask.delayed import delayed
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from speckle2vec.errors import UserError
from speckle2vec.preprocess.base import FeatureSet, load_feature_set
from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.cubes import write_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.progress import track
from speckle2vec.readers.base import Sample, Shard
from speckle2vec.readers.registry import open_shard
from speckle2vec.settings.root import Settings

FloatArray = npt.NDArray[np.float32]
SAMPLES_A_THREAD = 4


@dataclass(frozen=True)
class Accepted:
    """Ids of the accepted samples of a shard, and their rows in it, in catalogue order."""

    sample_ids: tuple[str, ...]
    rows: tuple[int, ...]


def preprocess_shard(
    settings: Settings,
    key: ShardKey,
    features: str,
    catalogue: Path,
    made: Path,
    output: Path,
    threads: int,
) -> None:
    """Turn the accepted samples of one shard into cubes.

    Args:
        settings: All settings.
        key: The shard.
        features: Name of the feature set.
        catalogue: The shard's part of the catalogue.
        made: Folder in which the workflow writes simulated corpora.
        output: The product, `results/cubes/{features}/{corpus}/{shard}.zarr.zip`.
        threads: Threads that work on samples side by side; the product does not depend on it.

    Raises:
        UserError: The feature set is unknown, or raw data or catalogue do not fit.
    """
    feature_set = load_feature_set(features, settings)
    chosen = accepted_samples(catalogue)
    with closing(open_shard(settings, key, made)) as shard:
        preprocess(settings, key, feature_set, chosen, shard, output, threads)


def preprocess(
    settings: Settings,
    key: ShardKey,
    feature_set: FeatureSet,
    chosen: Accepted,
    shard: Shard,
    output: Path,
    threads: int,
) -> None:
    """Turn chosen samples of an open shard into cubes, a bounded block at a time."""
    corpus = settings.corpora[key.corpus]
    check_against_catalogue(key, chosen, shard.samples, corpus.id_prefix)
    attributes = {
        **feature_set.attributes,
        "calibration": corpus.calibration,
        "corpus": key.corpus,
        "shard": key.shard,
        "dates": corpus.dates,
    }
    with single_threaded_libraries():
        blocks = compute_blocks(key, feature_set, chosen.rows, shard, corpus.dates, threads)
        write_cubes(output, blocks, chosen.sample_ids, chosen.rows, feature_set.shape, attributes)


def accepted_samples(catalogue: Path) -> Accepted:
    """The accepted samples in a part of the catalogue.

    Raises:
        UserError: The part is missing or damaged.
    """
    table = accepted(read_catalogue(catalogue, ["sample_id", "row", "verdict"]))
    return Accepted(tuple(table["sample_id"].to_pylist()), tuple(table["row"].to_pylist()))


def check_against_catalogue(
    key: ShardKey, chosen: Accepted, samples: Sequence[Sample], prefix: str
) -> None:
    """See that the catalogue speaks of the raw data that are there.

    Raises:
        UserError: They have changed since.
    """
    present = {sample.row: prefix + sample.sample_id for sample in samples}
    for sample_id, row in zip(chosen.sample_ids, chosen.rows, strict=True):
        if present.get(row) != sample_id:
            raise _outdated(key, f"row {row} is {sample_id} there and {present.get(row)} here")


def compute_blocks(
    key: ShardKey,
    feature_set: FeatureSet,
    rows: Sequence[int],
    shard: Shard,
    dates: int,
    threads: int,
) -> Iterator[FloatArray]:
    """Cubes of samples in order, in blocks (sample, feature, y, x), by Dask's threads.

    While a block is written the next one is computed; no more than two are in memory.
    """
    samples = {sample.row: sample for sample in shard.samples}
    task = delayed(_compute, pure=False)
    tasks = [task(key, feature_set, shard, samples[row], dates) for row in rows]
    size = SAMPLES_A_THREAD * threads
    starts = range(0, len(tasks), size)
    with ThreadPoolExecutor(threads) as workers, ThreadPoolExecutor(1) as ahead:
        computed = (
            ahead.submit(_compute_block, tasks[start : start + size], workers) for start in starts
        )
        following = next(computed, None)
        for _ in track(starts, len(starts), f"Preprocessing {key}"):
            assert following is not None
            block, following = following.result(), next(computed, None)
            yield block


def _compute_block(tasks: Sequence[Any], workers: ThreadPoolExecutor) -> FloatArray:
    cubes = compute(*tasks, scheduler="threads", pool=workers)  # type: ignore[no-untyped-call]
    return np.stack(cubes)


def _compute(
    key: ShardKey, feature_set: FeatureSet, shard: Shard, sample: Sample, dates: int
) -> FloatArray:
    images = shard.read(sample.row)
    if len(images) != dates:
        raise _outdated(key, f"{sample.sample_id} has {len(images)} dates instead of {dates}")
    try:
        return feature_set.compute(images, sample.dates)
    except UserError as error:
        raise UserError(f"{key}, sample {sample.sample_id}: {error}") from error


def _outdated(key: ShardKey, difference: str) -> UserError:
    return UserError(
        f"{key}: the catalogue is not of these raw data ({difference}); remove the shard's "
        "part of results/catalogue and run the same command again."
    )


@contextmanager
def single_threaded_libraries() -> Iterator[None]:
    """Keep OpenCV and BLAS to one thread each: the samples are what runs side by side."""
    before = cv2.getNumThreads()
    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(limits=1))
        stack.callback(cv2.setNumThreads, before)
        cv2.setNumThreads(1)
        yield
