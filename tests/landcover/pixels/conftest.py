"""Small corpora of cubes with labels."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.landcover.few_classes import CLASSES, settings_of

from speckle2vec.landcover.pixels.run import fit_pixels
from speckle2vec.landcover.table.cells import Cell
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.confusions import read_confusion
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.statistics import Statistics, write_statistics

FEATURES = ("vv_mean", "vh_mean", "sobel_std")
UNITS = dict.fromkeys(FEATURES, "dB")
LEVELS = np.array([[-14.0, -20, 1], [-9, -15, 1], [-20, -25, 1]])
SPLITS = ("train", "train", "train", "validation", "test")


@dataclass
class PixelCorpus:
    """Samples whose classes have levels of their own, less clear where noise is strong."""

    folder: Path
    feature_set: str = "sar-temporal"
    units: dict = field(default_factory=lambda: UNITS)
    keys: list = field(default_factory=list)
    cubes: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    splits: dict = field(default_factory=dict)

    def __post_init__(self):
        numbers = ((1e4,) * 3, (-13.0, -19.0, 1.0), (4.0, 5.0, 0.0))
        self.statistics = Statistics(FEATURES, UNITS, "sigma0", *numbers, "of-test")
        write_statistics(self.statistics, self.folder / "statistics.json")

    def write_shard(self, number, samples=20, side=24, shown=12, noise=3.0, keep=slice(None)):
        """Labels of `side` pixels, cubes of `shown`; those that `keep` leaves out have no cube."""
        key = ShardKey("test", f"{number:06d}")
        random = np.random.default_rng(number)
        ids = [f"{number}_{row}" for row in range(samples)]
        labels = [self._draw(random, side) for _ in ids]
        cubes = np.stack([self._shown(random, one, shown, noise) for one in labels])
        self.labels |= dict(zip(ids, labels, strict=True))
        self.splits |= {name: SPLITS[row % 5] for row, name in enumerate(ids)}
        kept = list(range(samples))[keep]
        self.cubes |= {ids[row]: cubes[row] for row in kept}
        self._write(key, ids, kept, cubes[kept], labels, side)
        self.keys.append(key)

    def _draw(self, random, side):
        cells = random.choice([0, 1, 1, 2, 2, 2, 3], (side // 4, side // 4))
        return np.kron(cells, np.ones((4, 4), int)).astype(np.uint8)

    def _shown(self, random, labels, shown, noise):
        levels = LEVELS[np.maximum(labels, 1) - 1].transpose(2, 0, 1)
        if self.feature_set == "sar-temporal":
            levels = levels[:, :: len(labels) // shown, :: len(labels) // shown]
        cube = levels + random.normal(0, noise, levels.shape)
        cube[2] = 1.0
        return cube.astype(np.float32)

    def _write(self, key, ids, kept, cubes, labels, side):
        attributes = {"features": list(FEATURES), "units": self.units, "calibration": "sigma0",
                      "nodata": "none", "recipe": {"feature_set": self.feature_set}}  # fmt: skip
        records = {"native": np.full((len(kept), 2), side, np.int32)}
        write_cubes(
            key.part(self.folder / "cubes", ".zarr.zip"), iter([cubes]), [ids[row] for row in kept],
            kept, cubes.shape[1:], attributes, records=records,
        )  # fmt: skip
        rows = [SampleLabels(name, row, one, 1.0)
                for row, (name, one) in enumerate(zip(ids, labels, strict=True))]  # fmt: skip
        told = {"samples_extent": "here", "source_extent": "here"}
        path = key.part(self.folder / "labels", ".zarr.zip")
        write_labels(path, iter(rows), [one.shape for one in labels], CLASSES, lambda: told)
        table = [
            {**dict.fromkeys(SCHEMA.names), "sample_id": name, "corpus": key.corpus,
             "shard": key.shard, "row": row, "place": name, "block": f"{row // 5}_{key.shard}",
             "split": self.splits[name], "verdict": "accepted", "reason": ""}
            for row, name in enumerate(ids)
        ]  # fmt: skip
        part = key.part(self.folder / "catalogue", ".parquet")
        write_catalogue(pa.Table.from_pylist(table, schema=SCHEMA), part)

    def fit(self, name, run="fit-100", output="confusion.parquet", **landcover):
        """Fit a classifier, and read its confusion."""
        settings = settings_of(landcover={"pixels": 100_000, "trees": 5, **landcover})
        cell = Cell.parse(f"{self.feature_set}/pixels/{name}/{run}", settings.seed)
        path = self.folder / output
        fit_pixels(
            settings, cell, self.keys, self.folder / "cubes", self.folder / "labels",
            self.folder / "catalogue", self.folder / "statistics.json", path,
        )  # fmt: skip
        return read_confusion(path)


@pytest.fixture
def pixel_corpus(tmp_path):
    """60 samples of 24 x 24 labels, whose cubes show them at half the resolution."""
    corpus = PixelCorpus(tmp_path)
    for number in (1, 2, 3):
        corpus.write_shard(number)
    return corpus


@pytest.fixture
def empty_corpus(tmp_path):
    def make(**values):
        return PixelCorpus(tmp_path, **values)

    return make
