"""A corpus of embeddings with catalogue and labels, made of numbers alone."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.evaluate.probes.run import probe
from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.products.embeddings import WIDTH, write_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.probes import Target, write_target
from speckle2vec.settings.load import parse_settings

SHARDS, SAMPLES = 4, 120
CLASSES = np.array(["forest", "town", "water"])
SPLITS = np.array(["train", "train", "train", "validation", "test"])


@dataclass(frozen=True)
class Corpus:
    """480 samples in four shards, eight to a block; blocks are dealt to splits in turn."""

    folder: Path
    keys: tuple[ShardKey, ...]
    ids: np.ndarray
    blocks: np.ndarray
    splits: np.ndarray
    labels: np.ndarray

    @property
    def catalogue(self):
        return self.folder / "catalogue.parquet"

    def write_catalogue(self, **changes):
        rows = [
            {
                **dict.fromkeys(SCHEMA.names), "sample_id": name, "corpus": "made",
                "shard": f"train-{row // SAMPLES:06d}", "row": row % SAMPLES, "place": name,
                "block": block, "split": split, "verdict": "accepted", "reason": "",
                **changes.get(str(name), {}),
            }
            for row, (name, block, split) in enumerate(
                zip(self.ids.tolist(), self.blocks.tolist(), self.splits.tolist(), strict=True)
            )
        ]  # fmt: skip
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), self.catalogue)

    def write_target(self, kind="classification", values=None, ids=None, name="land-cover"):
        path = self.folder / "probes" / name / "target.parquet"
        values = self.labels if values is None else values
        write_target(Target(name, kind, self.ids if ids is None else ids, values), path)
        return path

    def embed(self, model, values, leave_out=()):
        """Embeddings (sample, few), filled up with zeros as those that learn nothing are."""
        full = np.zeros((len(values), WIDTH), np.float32)
        full[:, : values.shape[1]] = values
        kept = ~np.isin(self.ids, leave_out)
        for number, key in enumerate(self.keys):
            rows = np.arange(number * SAMPLES, (number + 1) * SAMPLES)
            rows = rows[kept[rows]]
            write_embeddings(
                key.part(self.folder / "embeddings" / model, ".parquet"),
                self.ids[rows].tolist(), full[rows], {},
            )  # fmt: skip

    def settings(self, **changes):
        corpora = {"made": {"source": "simulated", "size": "tiny"}}
        return parse_settings({"corpora": corpora, "data": str(self.folder), **changes}, "config")

    def probe(self, model, target, **probes):
        """The probe's file of one model."""
        label = target.parent.name
        path = self.folder / "probes" / label / f"{model}.parquet"
        probe(
            self.settings(probes={"strengths": [0.001, 0.1], **probes}), self.keys, target,
            self.catalogue, self.folder / "embeddings" / model, path,
        )  # fmt: skip
        return path


@pytest.fixture
def corpus(tmp_path):
    total = SHARDS * SAMPLES
    random = np.random.default_rng(0)
    order = random.permutation(total)
    blocks = np.arange(total) // 8
    made = Corpus(
        tmp_path,
        tuple(ShardKey("made", f"train-{number:06d}") for number in range(SHARDS)),
        np.array([f"place{number:04d}" for number in order]),
        np.array([f"{block}_0" for block in blocks]),
        SPLITS[blocks % 5],
        random.choice(CLASSES, total, p=(0.5, 0.3, 0.2)),
    )
    made.write_catalogue()
    return made


@pytest.fixture
def noise():
    return np.random.default_rng(1).normal(size=(SHARDS * SAMPLES, 12))


@pytest.fixture
def signal(corpus, noise):
    """Embeddings that tell the label, more or less."""
    planted = (corpus.labels[:, None] == CLASSES) * 2.0
    return np.concatenate([noise[:, :3] + planted, noise[:, 3:]], axis=1)
