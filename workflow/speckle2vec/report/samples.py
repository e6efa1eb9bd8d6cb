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
from speckle2vec.products.accepted import AcceptedSamples
from speckle2vec.products.embeddings import embedding_attributes, embedding_values, read_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.refused import refused
from speckle2vec.progress import track
from speckle2vec.provenance import stream_seed

COLUMNS = (
    "sample_id", "corpus", "shard", "place", "longitude", "latitude", "dates", "split"
)  # fmt: skip
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

    def shards(self) -> list[ShardKey]:
        """The shard of each."""
        columns = (self.rows[name].to_pylist() for name in ("corpus", "shard"))
        return [ShardKey(*row) for row in zip(*columns, strict=True)]

    def by_shard(self) -> dict[ShardKey, list[str]]:
        """Ids shard by shard, in their order."""
        found: dict[ShardKey, list[str]] = {}
        for key, name in zip(self.shards(), self.ids.tolist(), strict=True):
            found.setdefault(key, []).append(name)
        return found


def shown_samples(
    keys: Sequence[ShardKey], folder: Path, samples: AcceptedSamples, most: int, seed: int
) -> Shown:
    """Read the embeddings of all samples, or of so many that are drawn.

    Whether a sample is drawn depends on the seed and its id, and memory on `most`, but for the
    ids of all samples.

    Args:
        keys: The shards.
        folder: Folder of the model's embeddings.
        samples: Which samples count in each shard, with `COLUMNS`.
        most: The most samples that are shown.
        seed: The seed of the settings.

    Raises:
        UserError: A part is missing or damaged, there is no sample, or one is not accepted.
    """
    names = [name for key in keys for name in _ids(key, folder, samples)]
    if not names:
        raise UserError(
            f"{folder}: holds no embedding; every sample was refused, see the catalogue."
        )
    kept = set(drawn(names, most, seed))
    rows, parts, left_out = list[pa.Table](), list[FloatArray](), dict[str, str]()
    for key in track(keys, len(keys), "Reading embeddings"):
        table, known = read_embeddings(key.part(folder, ".parquet")), samples.of(key)
        ids = table["id"].to_pylist()
        here = samples.counting(key, ids) & np.array([name in kept for name in ids], bool)
        places = pc.index_in(table["id"].filter(pa.array(here)), known["sample_id"])
        rows.append(known.select(COLUMNS).take(places))
        parts.append(_unit(embedding_values(table["embedding"])[here]))
        left_out |= _left_out(key, table, samples)
    found = pa.concat_tables(rows)
    ids = np.array(found["sample_id"].to_pylist(), str)
    return Shown(ids, found, np.concatenate(parts), len(names), left_out)


def drawn(names: Sequence[str], most: int, seed: int) -> Sequence[str]:
    """All names, or so many that are drawn, whatever their order."""
    if len(names) <= most:
        return names
    return shuffled(names, seed)[:most]


def shuffled(names: Sequence[str], seed: int) -> list[str]:
    """Names in an order that only the seed and they themselves decide."""
    return sorted(names, key=lambda name: (stream_seed(seed, "report", name), name))


def _ids(key: ShardKey, folder: Path, samples: AcceptedSamples) -> list[str]:
    """The ids in a part that count."""
    path = key.part(folder, ".parquet")
    with refused(path):
        found: list[str] = pq.read_table(path, columns=["id"])["id"].to_pylist()
    counting = samples.counting(key, found)
    others = pa.array([name for name, here in zip(found, counting, strict=True) if not here],
                      pa.string())  # fmt: skip
    strange = others.filter(pc.invert(pc.is_in(others, samples.rows["sample_id"])))
    if len(strange):
        raise UserError(
            f"The catalogue does not accept {strange[0]}, which has an embedding; run `snakemake "
            "results/catalogue.parquet` and the same command again."
        )
    return [name for name, here in zip(found, counting, strict=True) if here]


def _left_out(key: ShardKey, table: pa.Table, samples: AcceptedSamples) -> dict[str, str]:
    found: dict[str, str] = embedding_attributes(table.schema).get("left_out", {})
    counting = samples.counting(key, list(found))
    return {name: found[name] for name, here in zip(found, counting, strict=True) if here}


def _unit(values: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def days_of(row: Any) -> str:  # noqa: ANN401
    """First and last date of a sample, for a person."""
    days = sorted(f"{date:%Y-%m-%d}" for date in row or () if date is not None)
    return " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "no date"
