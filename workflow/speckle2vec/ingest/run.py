"""The stage that looks at every raw sample once and writes down what it found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from speckle2vec.errors import UserError
from speckle2vec.ingest.centres import centres, system_of
from speckle2vec.ingest.verdicts import Verdict, before_pixels, of_pixels
from speckle2vec.products.catalogue import ACCEPTED, PART, REFUSED, write_part
from speckle2vec.products.keys import ShardKey
from speckle2vec.progress import track
from speckle2vec.readers.base import Sample, Shard
from speckle2vec.readers.registry import open_shard
from speckle2vec.readers.shard_files import ShardFiles
from speckle2vec.readers.units import UnitsError
from speckle2vec.settings.corpora import AnyCorpus
from speckle2vec.settings.root import Settings


def ingest_shard(
    settings: Settings, key: ShardKey, made: Path, output: Path, files: ShardFiles | None = None
) -> None:
    """Judge every sample of a shard and write its part of the catalogue.

    Samples are read one at a time; a bad one is recorded with its reason.

    Args:
        settings: All settings.
        key: The shard.
        made: Folder in which the workflow writes simulated corpora.
        output: The part, `results/catalogue/{corpus}/{shard}.parquet`.
        files: The raw files of the shard; where they are not given, the corpus is listed.

    Raises:
        UserError: A file is missing or damaged, or no sample is in the declared units.
    """
    corpus = settings.corpora[key.corpus]
    shard = open_shard(settings, key, made, files)
    try:
        samples = shard.samples
        verdicts = _judge(shard, corpus, f"Ingesting {key}")
    finally:
        shard.close()
    write_part(_table(corpus, key, samples, verdicts), output, key)


@dataclass
class _Progress:
    """What the samples so far mean for the next ones, and for the shard."""

    kept: set[str] = field(default_factory=set)
    units: UnitsError | None = None


def _judge(shard: Shard, corpus: AnyCorpus, task: str) -> list[Verdict]:
    progress = _Progress()
    samples = shard.samples
    verdicts = [
        _verdict(shard, sample, corpus, progress) for sample in track(samples, len(samples), task)
    ]
    if progress.units and not progress.kept:
        raise UserError(f"{progress.units} No sample of the shard is in the declared units.")
    return verdicts


def _verdict(shard: Shard, sample: Sample, corpus: AnyCorpus, progress: _Progress) -> Verdict:
    reason = before_pixels(sample, corpus)
    if not reason and sample.sample_id in progress.kept:
        reason = f"has the id of an earlier sample of the shard, {sample.sample_id}"
    if reason:
        return Verdict(reason)
    try:
        verdict = of_pixels(sample, shard.read(sample.row), corpus)
    except UnitsError as error:
        progress.units = progress.units or error
        return Verdict(str(error))
    if not verdict.reason:
        progress.kept.add(sample.sample_id)
    return verdict


def _table(
    corpus: AnyCorpus, key: ShardKey, samples: Sequence[Sample], verdicts: Sequence[Verdict]
) -> pa.Table:
    rows = [
        {
            "sample_id": corpus.id_prefix + sample.sample_id,
            "corpus": key.corpus,
            "shard": key.shard,
            "row": sample.row,
            "place": sample.place,
            "longitude": None if np.isnan(longitude) else float(longitude),
            "latitude": None if np.isnan(latitude) else float(latitude),
            **_grid(sample),
            "dates": [None if np.isnat(date) else date.item() for date in _dates(sample)],
            "valid": verdict.valid,
            "verdict": REFUSED if verdict.reason else ACCEPTED,
            "reason": verdict.reason,
        }
        for sample, verdict, (longitude, latitude) in zip(
            samples, verdicts, centres(samples), strict=True
        )
    ]
    return pa.Table.from_pylist(rows, schema=PART)


def _dates(sample: Sample) -> list[np.datetime64]:
    return [date.astype("datetime64[ms]") for date in sample.dates]


def _grid(sample: Sample) -> dict[str, object]:
    grid = sample.grid
    if grid is None:
        return {"crs": None, "affine": None, "height": None, "width": None}
    height, width = grid.shape
    affine = [float(value) for value in grid.affine[:6]]
    return {"crs": system_of(grid), "affine": affine, "height": height, "width": width}
