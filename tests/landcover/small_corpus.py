"""A corpus of two small shards with cubes, labels and catalogue, and a segmenter of chance."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from speckle2vec.landcover.labels.classes import Legend
from speckle2vec.preprocess.fusion import FEATURES as FUSION
from speckle2vec.preprocess.sar_temporal import FEATURES as SAR_TEMPORAL
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.provenance import generator
from speckle2vec.settings.labels import Labels

CLASSES = Legend(Labels()).classes
NAMES = {"sar-temporal": SAR_TEMPORAL, "fusion": FUSION}


class FakeSegmenter:
    """Says of every sample what chance says, the same each time."""

    def __init__(self, classes=CLASSES):
        self.classes, self.asked = classes, []

    def probabilities(self, shard, position, shape):
        self.asked.append(shard.sample_ids[position])
        return self.of(shard.sample_ids[position], shape)

    def of(self, name, shape):
        values = generator(1, "fake", name).random((len(self.classes), *shape), np.float32)
        return values / values.sum(axis=0)


def grid(east=500_000, north=5_400_000, shape=(40, 60), crs="EPSG:32633"):
    """Pixels of 10 m, from a corner southward."""
    return GeoBox(shape, Affine(10, 0, east, 0, -10, north), crs)


@dataclass(frozen=True)
class Corpus:
    """Products of a corpus in a folder."""

    folder: Path

    @property
    def cubes(self):
        return self.folder / "cubes"

    @property
    def labels(self):
        return self.folder / "labels"

    @property
    def catalogue(self):
        return self.folder / "catalogue"

    def write(self, shard, grids, features="sar-temporal", split="test", left_out=()):
        """One shard: a sample a grid, named `{shard}-0` and so on, and one that is refused."""
        key = ShardKey("corpus", shard)
        names = [f"{shard}-{row}" for row in range(len(grids))]
        rows = [_row(key, *entry, split) for entry in zip(names, range(99), grids, strict=False)]
        refused = {**rows[-1], "sample_id": f"{shard}-refused", "verdict": "refused"}
        rows.append({**refused, "reason": "1.0% of VV is finite"})
        write_catalogue(
            pa.Table.from_pylist(rows, schema=SCHEMA), key.part(self.catalogue, ".parquet")
        )
        self._write_cubes(key, [name for name in names if name not in left_out], features, left_out)
        self._write_labels(key, names, grids)
        return key

    def _write_cubes(self, key, names, features, left_out):
        shape = (len(NAMES[features]), 64, 64)
        random, total = generator(1, key.shard), len(names)
        cubes = random.random((total, *shape), np.float32) * 0.2
        cubes[:, [NAMES[features].index(one) for one in NAMES[features] if one[:2] == "VV"]] -= 10
        records = {"native": np.full((total, 2), 64, np.int32)} if features == "fusion" else None
        dates = np.array([["2020-06-28", "2020-06-30"]] * total, "datetime64[ms]")
        attributes = {
            "features": list(NAMES[features]),
            "recipe": {"feature_set": features},
            "left_out": dict.fromkeys(left_out, "no Sentinel-2 image is near in time"),
        }
        write_cubes(
            key.part(self.cubes, ".zarr.zip"), iter([cubes]), names, range(total), shape,
            attributes, dates.reshape(total, 2), records=records,
        )  # fmt: skip

    def _write_labels(self, key, names, grids):
        samples = [
            SampleLabels(name, row, labels_of(name, one.shape), 1.0)
            for row, (name, one) in enumerate(zip(names, grids, strict=True))
        ]
        shapes = [tuple(one.shape) for one in grids]
        path = key.part(self.labels, ".zarr.zip")
        write_labels(path, samples, shapes, CLASSES, lambda: {"level": 1})


def labels_of(name, shape):
    """Left half nodata-free of class 1 + row % 5, with one column of nodata at the right."""
    row = int(name.rpartition("-")[2])
    labels = np.full(shape, 1 + row % 5, np.uint8)
    labels[: shape[0] // 4] = 1 + (row + 1) % 5
    labels[:, -1] = 0
    return labels


def _row(key, name, row, one, split):
    height, width = one.shape
    centre = one.extent.centroid.to_crs("EPSG:4326").coords[0]
    return {
        "sample_id": name, "corpus": key.corpus, "shard": key.shard, "row": row,
        "place": f"place of {name}", "longitude": centre[0], "latitude": centre[1],
        "crs": str(one.crs), "affine": [float(number) for number in one.affine[:6]],
        "height": height, "width": width, "dates": [], "valid": 1.0, "block": "0_0",
        "split": split, "verdict": "accepted", "reason": "",
    }  # fmt: skip


@pytest.fixture
def corpus(tmp_path):
    return Corpus(tmp_path)


@pytest.fixture
def segmenter():
    return FakeSegmenter()


@pytest.fixture(scope="session")
def make_grid():
    return grid
