"""Preprocessing of one shard: its accepted samples become cubes."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from speckle2vec.preprocess.base import Cube, FeatureSet, LeftOut, load_feature_set
from speckle2vec.preprocess.samples import Job, check_shard
from speckle2vec.preprocess.workers import Scheduler, compute_samples, worker_processes
from speckle2vec.products.catalogue import ACCEPTED, read_catalogue_part
from speckle2vec.products.cube_writer import CubeWriter, new_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.progress import LOGGER, track
from speckle2vec.readers.shard_files import ShardFiles
from speckle2vec.settings.root import Settings

SAMPLES_A_WORKER = 4
Blocks = Generator[Sequence[Cube | LeftOut], None, None]
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
    files: ShardFiles | None = None,
) -> None:
    """Turn the accepted samples of one shard into cubes.

    A sample of which the feature set cannot be made is left out; the attribute `left_out`
    of the product says why.

    Args:
        settings: All settings.
        key: The shard.
        features: Name of the feature set.
        catalogue: The shard's part of the catalogue.
        made: Folder in which the workflow writes simulated corpora.
        output: The product, `results/cubes/{features}/{corpus}/{shard}.zarr.zip`.
        threads: How many samples are worked on side by side on this machine; the product does
            not depend on it, and memory grows by a few samples each. Where the settings name a
            Dask scheduler, its workers do the work instead.
        files: The raw files of the shard; where they are not given, the corpus is listed.

    Raises:
        UserError: The feature set is unknown, raw data and catalogue do not fit, or the Dask
            cluster cannot be used.
    """
    feature_set = load_feature_set(features, settings)
    samples, patches = accepted_samples(catalogue, key)
    job = Job(settings, key, features, made, feature_set.shape_of(patches), files)
    check_shard(job, samples)
    outcome = Outcome(samples)
    with (
        workers_for(job, max(1, min(threads, len(samples)))) as blocks_of,
        new_cubes(output, len(samples), job.shape, feature_set.dtype) as cubes,
    ):
        with closing(blocks_of([row for row, _ in samples])) as blocks:
            for block in blocks:
                outcome.write(block, cubes)
        outcome.describe(cubes, feature_set, job)
    outcome.tell(key)


@dataclass
class Outcome:
    """What has become of the samples so far."""

    samples: Sequence[tuple[int, str]]
    """Row and id of all that are worked on."""
    kept: list[tuple[int, str]] = field(default_factory=list)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    dates: list[Sequence[np.datetime64]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)

    def write(self, block: Sequence[Cube | LeftOut], cubes: CubeWriter) -> None:
        """Write the next block, and remember all but its pixels."""
        values = []
        for one in block:
            sample = self.samples[len(self.kept) + len(self.left_out)]
            if isinstance(one, LeftOut):
                self.left_out[sample[1]] = one
                continue
            self.kept.append(sample)
            self.dates.append(one.dates)
            self.records.append(dict(one.records))
            values.append(one.values)
        if values:
            cubes.add(np.stack(values))

    def describe(self, cubes: CubeWriter, feature_set: FeatureSet, job: Job) -> None:
        """Write what is known of all cubes."""
        corpus = job.settings.corpora[job.key.corpus]
        attributes = {
            **feature_set.attributes,
            "calibration": corpus.calibration,
            "corpus": job.key.corpus,
            "shard": job.key.shard,
            "dates": corpus.dates,
            "left_out": {name: one.reason for name, one in self.left_out.items()},
        }
        rows, names = [row for row, _ in self.kept], [name for _, name in self.kept]
        cubes.describe(names, rows, attributes, self._dates(), self._recorded(feature_set))

    def tell(self, key: ShardKey) -> None:
        """Say how many samples are left out, and why."""
        for kind, count in Counter(one.kind for one in self.left_out.values()).items():
            LOGGER.info("%s: %d of %d samples %s.", key, count, len(self.samples), kind)

    def _dates(self) -> npt.NDArray[np.datetime64] | None:
        return np.array(self.dates, dtype="datetime64[ms]") if self.dates else None

    def _recorded(self, feature_set: FeatureSet) -> dict[str, npt.NDArray[Any]]:
        return {
            name: np.array([one[name] for one in self.records], dtype=kind).reshape(-1, *shape)
            for name, (kind, shape) in feature_set.records.items()
        }


def accepted_samples(
    catalogue: Path, key: ShardKey
) -> tuple[list[tuple[int, str]], list[tuple[int, int]]]:
    """Row in the shard and id of the accepted samples, and all heights and widths they have.

    Where none is accepted, the heights and widths are those of the refused.

    Raises:
        UserError: The part is missing or damaged, or another shard's.
    """
    columns = ["sample_id", "row", "verdict", "height", "width"]
    rows = read_catalogue_part(catalogue, key, columns).to_pylist()
    chosen = [row for row in rows if row["verdict"] == ACCEPTED]
    sized = [row for row in chosen or rows if row["height"] is not None]
    return (
        [(row["row"], row["sample_id"]) for row in chosen],
        sorted({(row["height"], row["width"]) for row in sized}),
    )


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
