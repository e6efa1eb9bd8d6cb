"""Preprocessing of one shard: its accepted samples become cubes."""

from contextlib import closing
from pathlib import Path

from speckle2vec.preprocess.base import load_feature_set
from speckle2vec.preprocess.blocks import workers_for
from speckle2vec.preprocess.outcome import Outcome
from speckle2vec.preprocess.samples import Job, check_shard
from speckle2vec.products.catalogue import ACCEPTED, read_catalogue_part
from speckle2vec.products.cube_writer import new_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.shard_files import ShardFiles
from speckle2vec.settings.root import Settings


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
