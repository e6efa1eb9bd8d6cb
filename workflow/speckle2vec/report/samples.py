"""The samples of the page: what the catalogue knows of them, and which of them are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from speckle2vec.errors import UserError
from speckle2vec.products.embeddings import embedding_attributes, embedding_values, read_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.refused import refused
from speckle2vec.progress import track
from speckle2vec.provenance import stream_seed

COLUMNS = ("sample_id", "corpus", "longitude", "latitude", "dates", "split")
Texts = npt.NDArray[np.str_]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SampleProducts:
    """Where the products stand that samples are shown from."""

    catalogue: Path
    """The merged catalogue."""
    cubes: Path
    """Folder of the cubes."""
    embeddings: Path
    """Folder of the model's embeddings."""
    statistics: Path
    labels: Path | None
    """Folder of the labels, where there are any."""


@dataclass(frozen=True)
class Shown:
    """The samples on the map, shard after shard."""

    ids: Texts
    rows: pa.Table
    """What the catalogue knows of each, in their order."""
    embeddings: FloatArray
    """(sample, 1024), each of length 1; 0 where it has no direction."""
    total: int
    """Samples that have an embedding."""
    left_out: dict[str, str]
    """Accepted samples of which no features could be made, and why."""

    def places(self) -> dict[str, int]:
        """Where each id stands."""
        return {name: place for place, name in enumerate(self.ids.tolist())}


def shown_samples(
    keys: Sequence[ShardKey], folder: Path, catalogue: pa.Table, most: int, seed: int
) -> Shown:
    """Read the embeddings of all samples, or of so many that are drawn.

    Whether a sample is drawn depends on the seed and its id, and memory on `most`.

    Args:
        keys: The shards.
        folder: Folder of the model's embeddings.
        catalogue: The merged catalogue with `COLUMNS`.
        most: The most samples that are shown.
        seed: The seed of the settings.

    Raises:
        UserError: A part is missing or damaged, there is no sample, or the catalogue lacks one.
    """
    paths = [key.part(folder, ".parquet") for key in keys]
    names = [name for path in paths for name in _ids(path)]
    if not names:
        raise UserError(
            f"{folder}: holds no embedding; every sample was refused, see the catalogue."
        )
    kept = set(drawn(names, most, seed))
    ids, parts, left_out = list[str](), list[FloatArray](), dict[str, str]()
    for path in track(paths, len(paths), "Reading embeddings"):
        table = read_embeddings(path)
        left_out |= embedding_attributes(table.schema).get("left_out", {})
        here = np.array([name in kept for name in table["id"].to_pylist()], bool)
        ids += table["id"].filter(pa.array(here)).to_pylist()
        parts.append(_unit(embedding_values(table["embedding"])[here]))
    return Shown(np.array(ids), _rows(ids, catalogue), np.concatenate(parts), len(names), left_out)


def drawn(names: Sequence[str], most: int, seed: int) -> Sequence[str]:
    """All names, or so many that are drawn, whatever their order."""
    if len(names) <= most:
        return names
    return shuffled(names, seed)[:most]


def shuffled(names: Sequence[str], seed: int) -> list[str]:
    """Names in an order that only the seed and they themselves decide."""
    return sorted(names, key=lambda name: (stream_seed(seed, "report", name), name))


def _ids(path: Path) -> list[str]:
    with refused(path):
        found: list[str] = pq.read_table(path, columns=["id"])["id"].to_pylist()
        return found


def _unit(values: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def _rows(ids: Sequence[str], catalogue: pa.Table) -> pa.Table:
    places = pc.index_in(pa.array(ids, pa.string()), catalogue["sample_id"])
    if places.null_count:
        missing = ids[np.flatnonzero(places.is_null().to_numpy(zero_copy_only=False))[0]]
        raise UserError(
            f"The catalogue knows nothing of {missing}, which has an embedding; run `snakemake "
            "results/catalogue.parquet` and the same command again."
        )
    return catalogue.select(COLUMNS).take(places)


def days_of(row: Any) -> str:  # noqa: ANN401
    """First and last date of a sample, for a person."""
    days = sorted(f"{date:%Y-%m-%d}" for date in row or () if date is not None)
    return " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "no date"
