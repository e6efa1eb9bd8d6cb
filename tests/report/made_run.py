"""A small run whose products are known in every number."""

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.embeddings import write_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.labels import LabelClass
from speckle2vec.products.statistics import Statistics, write_statistics
from speckle2vec.report.run import make_report
from speckle2vec.report.sections import Products
from speckle2vec.settings.load import parse_settings

FEATURES = ("vv_mean", "vh_mean", "vv_std", "vv_difference")
STATISTICS = Statistics(
    FEATURES, dict.fromkeys(FEATURES, "dB"), "sigma0", (1e4,) * 4, (-12.0, -18.0, 1.0, 0.0),
    (4.0, 4.0, 0.5, 2.0), "of-test",
)  # fmt: skip
CLASSES = (
    LabelClass(1, 1, "Artificial <b>surfaces</b>", "#e6004d"),
    LabelClass(2, 5, "Water", "#00ccf2"),
)
EVIL = "</script><img src=x onerror=alert(1)>"
KEYS = (ShardKey("small", "one"), ShardKey("small", "two"))
IDS = {
    KEYS[0]: [f"a{row}" for row in range(12)],
    KEYS[1]: [*(f"b{row}" for row in range(11)), EVIL],
}
SPLITS = ("train", "train", "train", "validation", "test", "buffer")
SETTINGS = {"corpora": {"small": {"source": "simulated"}}, "codes": {"points": 1}}
EVERY = ["data", "cubes", "training", "map", "labels", "compression", "probes", "landcover",
         "timings", "settings"]  # fmt: skip


@dataclass(frozen=True)
class SmallRun:
    """24 samples in two shards, half of them water, and two that are refused."""

    folder: Path
    products: Products

    def settings(self, **report):
        return parse_settings({**SETTINGS, "report": report}, "test")

    def make(self, name="page.html", products=None, **report):
        output = self.folder / name
        make_report(self.settings(**report), KEYS, products or self.products, output)
        return output


def cube_of(key, row):
    """Level and spread of each sample, so that a picture tells which one it is."""
    cube = np.empty((4, 32, 32), np.float32)
    cube[0], cube[1] = -20 + row, -26 + row + 4 * (key == KEYS[1])
    cube[2], cube[3] = 1, np.linspace(-4, 4, 32)[:, None]
    return cube


def _catalogue_rows():
    for key in KEYS:
        for row, name in enumerate([*IDS[key], f"{key.shard}-refused"]):
            refused = name.endswith("refused")
            yield {
                **dict.fromkeys(SCHEMA.names), "sample_id": name, "corpus": key.corpus,
                "shard": key.shard, "row": row, "place": name, "longitude": 8 + row / 4,
                "latitude": 48.0 + (key == KEYS[1]), "split": SPLITS[row % 6],
                "dates": [datetime(2020, 1 + month, 3) for month in (0, 3, 6, 9)],
                "verdict": "refused" if refused else "accepted",
                "reason": "has <i>no</i> finite pixel" if refused else "",
            }  # fmt: skip


def _write_nearest(path):
    names = [name for key in KEYS for name in IDS[key]]
    table = {
        "id": names,
        "nearest": [[names[(place + step) % 24] for step in (2, 4, 1)] for place in range(24)],
        "cosines": pa.array([[0.9, 0.8, 0.7]] * 24, pa.list_(pa.float32())),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(table), path)


def write_table(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


MODEL = {"features": "sar-temporal", "method": "simclr", "encoder": "cnn-transformer"}
PIXELS = {**MODEL, "method": "none", "encoder": "pixel-statistics"}
CODE = {**MODEL, "label": "land-cover", "samples": 24, "score": 0.8, "low": 0.7, "high": 0.9}
CODES = [
    {**CODE, "code": code, "bytes": each, "ratio": ratio, "ratio_25472": many, "measure": "F1",
     "minus_float32": -loss / 100, "minus_float32_low": -loss / 100 - 0.01,
     "minus_float32_high": -loss / 100 + 0.01, "neighbours_kept": 0.9}
    for code, each, ratio, many, loss in (
        ("float32", 4096, 272, 272, 0), ("pca128-int8", 200, 5575, 8000, 0.5),
        ("binary", 128, 8712, 8712, 7.25),
    )
]  # fmt: skip
SCORED = {"low": 0.6, "high": 0.8, "minus_none": "", "better_than_none": "", "minus_pixels": "",
          "better_than_pixels": ""}  # fmt: skip
PROBES = [
    {"label": "land-cover", **MODEL, "seed": 42, "measure": "macro F1", "score": 0.7, **SCORED,
     "minus_none": 0.05, "better_than_none": "yes", "chance": 0.5, "knn_score": 0.6},
    {"label": "land-cover", **PIXELS, "seed": 42, "measure": "macro F1", "score": 0.65, **SCORED,
     "chance": 0.5, "knn_score": 0.6},
]  # fmt: skip
IOU = {"iou_Water": 0.9, "iou_Water_low": 0.8, "iou_Water_high": 0.95, "iou_Bare": 0.2,
       "iou_Bare_low": "", "iou_Bare_high": ""}  # fmt: skip
LANDCOVER = [
    {**MODEL, "mode": "whole", "share": "100", "split": "blocks", "seed": 42,
     "weighted_iou": 0.7, **SCORED, "mean_iou": 0.5, **IOU}
]  # fmt: skip
EPOCHS = [
    {"epoch": 0, "loss": "", "held_out_loss": 4.0, "std": 0.1, "cosine": 0.98, "rank": 21.7},
    {"epoch": 1, "loss": 3.5, "held_out_loss": 2.5, "std": 0.8, "cosine": 0.2, "rank": 15.0},
    {"epoch": 2, "loss": 3.0, "held_out_loss": 2.75, "std": 0.9, "cosine": 0.1, "rank": 12.8},
]
TIMING = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def _write_timings(folder):
    for name, line in {
        "ingest/small/one.tsv": "10.0\t0\t100.0\t0\t0\t0\t0\t0\t0\t8.0",
        "ingest/small/two.tsv": "20.5\t0\t300.0\t0\t0\t0\t0\t0\t0\t9.5",
        "catalogue.tsv": "0.01\t0\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TIMING + line + "\n")


def make_run(folder):
    """Write all products of the run."""
    rows = list(_catalogue_rows())
    write_catalogue(pa.Table.from_pylist(rows, schema=SCHEMA), folder / "catalogue.parquet")
    random = np.random.default_rng(0)
    for key in KEYS:
        names = IDS[key]
        cubes = np.stack([cube_of(key, row) for row in range(12)])
        write_cubes(key.part(folder / "cubes", ".zarr.zip"), iter([cubes]), names, range(12),
                    (4, 32, 32), {"features": list(FEATURES)})  # fmt: skip
        centres = np.arange(12)[:, None] % 2 * 3
        vectors = (centres + random.normal(size=(12, 1024))).astype(np.float32)
        write_embeddings(key.part(folder / "embeddings", ".parquet"), names, vectors, {})
        labels = [SampleLabels(name, row, np.full((8, 8), row % 2 + 1, np.uint8), 1.0)
                  for row, name in enumerate(names)]  # fmt: skip
        write_labels(key.part(folder / "labels", ".zarr.zip"), labels, [(8, 8)] * 12, CLASSES,
                     dict)  # fmt: skip
    write_statistics(STATISTICS, folder / "statistics.json")
    _write_nearest(folder / "nearest.parquet")
    tables = {"history": EPOCHS, "compression": CODES, "probes": PROBES, "landcover": LANDCOVER}
    for name, lines in tables.items():
        write_table(folder / f"{name}.csv", lines)
    _write_timings(folder / "timings")
    paths = {name: folder / f"{name}.csv" for name in tables}
    products = Products(
        catalogue=folder / "catalogue.parquet", cubes=folder / "cubes",
        embeddings=folder / "embeddings", statistics=folder / "statistics.json",
        nearest=folder / "nearest.parquet", timings=folder / "timings",
        labels=folder / "labels", **paths,
    )  # fmt: skip
    return SmallRun(folder, products)
