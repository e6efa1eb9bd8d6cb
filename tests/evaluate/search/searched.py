"""Embeddings of made samples: parts, catalogue and the exported table."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.embed.export import export_embeddings
from speckle2vec.evaluate.search.rows import Rows, rows_of_parts
from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.products.embeddings import write_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.settings.load import parse_settings

SHARD = 40


def settings(**search):
    return parse_settings({"corpora": {"c": {"source": "simulated"}}, "search": search}, "test")


def cosines_of(values):
    """All cosines, float64, by the textbook."""
    doubles = values.astype(np.float64)
    lengths = np.sqrt((doubles**2).sum(axis=1))
    return doubles @ doubles.T / lengths[:, None] / lengths[None, :]


def along_curves(count, seed=0, latent=4):
    """Embeddings of few degrees of freedom, as real ones have; not of length 1."""
    random = np.random.default_rng(seed)
    hidden = np.tanh(random.normal(size=(count, latent)) @ random.normal(size=(latent, 24)))
    return (hidden @ random.normal(size=(24, 1024)) * 3).astype(np.float32)


@dataclass(frozen=True)
class Searched:
    """Samples in `folder`, shard by shard; `ids` and `values` in catalogue order."""

    folder: Path
    keys: tuple[ShardKey, ...]
    ids: list[str]
    values: np.ndarray

    @property
    def catalogue(self) -> Path:
        return self.folder / "catalogue.parquet"

    @property
    def table(self) -> Path:
        return self.folder / "embeddings.parquet"

    @property
    def rows(self) -> Rows:
        return rows_of_parts(self.keys, self.catalogue, self.folder / "parts")

    def arguments(self) -> list[str]:
        shards = self.folder / "shards.txt"
        shards.write_text("".join(f"{key}\n" for key in self.keys))
        return ["--shards", str(shards), "--catalogue", str(self.catalogue),
                "--embeddings", str(self.folder / "parts")]  # fmt: skip


def searched(folder, values, ids=None, dates=None, places=None):
    """Write samples a hundredth of a degree apart, or at places of (longitude, latitude)."""
    count = len(values)
    ids = ids or [f"s{row:05d}" for row in range(count)]
    dates = dates or [[datetime(2021, 1, 1)]] * count
    places = places or [(10 + row / 100, 47.0) for row in range(count)]
    keys, rows = [], []
    for start in range(0, count, SHARD):
        key = ShardKey("c", f"{start:06d}")
        part = range(start, min(start + SHARD, count))
        backwards = part[::-1]  # the catalogue's order counts, not that of the part
        write_embeddings(key.part(folder / "parts", ".parquet"), [ids[row] for row in backwards],
                         values[list(backwards)], {})  # fmt: skip
        keys.append(key)
        rows += [
            {**dict.fromkeys(SCHEMA.names), "sample_id": ids[row], "corpus": "c",
             "shard": key.shard, "row": row, "place": ids[row], "longitude": places[row][0],
             "latitude": places[row][1], "dates": dates[row], "split": "train",
             "verdict": "accepted", "reason": ""}
            for row in part
        ]  # fmt: skip
    made = Searched(folder, tuple(keys), list(ids), values)
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), made.catalogue)
    export_embeddings(keys, made.catalogue, folder / "parts", folder / "e.csv", made.table)
    return made
