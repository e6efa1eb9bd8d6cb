"""Preprocessing of one shard: its accepted samples become cubes."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from speckle2vec.preprocess.base import load_feature_set
from speckle2vec.preprocess.samples import FloatArray, Job, check_shard
from speckle2vec.preprocess.workers import Scheduler, compute_samples, worker_processes
from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.cubes import write_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.progress import track
from speckle2vec.settings.root import Settings

SAMPLES_A_WORKER = 4
Item = TypeVar("Item")
Result = TypeVar("Result")


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
        threads: How many samples are worked on side by side; the product does not depend
            on it, and memory grows by a few samples each.

    Raises:
        UserError: The feature set is unknown, or raw data and catalogue do not fit.
    """
    job, corpus = Job(settings, key, features, made), settings.corpora[key.corpus]
    feature_set = load_feature_set(features, settings)
    samples = accepted_samples(catalogue)
    check_shard(job, samples)
    attributes = {
        **feature_set.attributes,
        "calibration": corpus.calibration,
        "corpus": key.corpus,
        "shard": key.shard,
        "dates": corpus.dates,
    }
    rows, sample_ids = [row for row, _ in samples], [sample_id for _, sample_id in samples]
    workers = max(1, min(threads, len(samples)))
    with worker_processes(workers) as scheduler:
        blocks = compute_blocks(job, rows, scheduler, SAMPLES_A_WORKER * workers)
        with closing(blocks):
            write_cubes(output, blocks, sample_ids, rows, feature_set.shape, attributes)


def accepted_samples(catalogue: Path) -> list[tuple[int, str]]:
    """Row in the shard and id of the accepted samples in a part of the catalogue.

    Raises:
        UserError: The part is missing or damaged.
    """
    table = accepted(read_catalogue(catalogue, ["sample_id", "row", "verdict"]))
    return list(zip(table["row"].to_pylist(), table["sample_id"].to_pylist(), strict=True))


def compute_blocks(
    job: Job, rows: Sequence[int], scheduler: Scheduler, size: int
) -> Generator[FloatArray, None, None]:
    """Cubes of the samples in some rows, in order, in blocks (sample, feature, y, x) of a size."""
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    cubes = one_ahead(partial(compute_samples, job, scheduler=scheduler), parts)
    for block in track(cubes, len(parts), f"Preprocessing {job.key}"):
        yield np.stack(block)


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
