"""Peak memory of scoring a segmenter, for 1 shard and for 10.

Shards of fused patches and of labels are drawn at random; the network has learned nothing.
"""

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml
from tests.benchmarks.memory import peak_mb

from speckle2vec.networks.registry import build_encoder
from speckle2vec.networks.segmenter import build_segmenter
from speckle2vec.networks.trained import weights_of
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.encoders import EncoderFile
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.labels import LabelClass
from speckle2vec.products.segmenters import SegmenterFile, write_segmenter
from speckle2vec.products.statistics import Statistics

FEW, MANY = 1, 10
SAMPLES, SIDE, CROP, NETWORK = 32, 96, 64, "cnn-transformer"
FEATURES = ("B04", "B08", "VV")
UNITS = dict.fromkeys(FEATURES, "dB")
CLASSES = tuple(LabelClass(index, index, f"class {index}", "#000000") for index in range(1, 6))
MEANING = {
    "features": list(FEATURES), "units": UNITS, "calibration": "sigma0",
    "recipe": {"feature_set": "fusion"},
}  # fmt: skip


def draw(folder: Path, number: int) -> None:
    """Cubes, labels and catalogue of one shard, all with ids of their own."""
    key, random = ShardKey("drawn", f"train-{number:06d}"), np.random.default_rng(number)
    names = [f"{number}_{row}" for row in range(SAMPLES)]
    shape = (SIDE, SIDE)
    cubes = (random.normal(0, 1, (1, 3, *shape)).astype(np.float16) for _ in names)
    records = {"native": np.full((SAMPLES, 2), SIDE, np.int32)}
    write_cubes(key.part(folder / "cubes", ".zarr.zip"), cubes, names, range(SAMPLES), (3, *shape),
                MEANING, dtype="float16", records=records)  # fmt: skip
    images = (random.integers(0, 6, shape).astype(np.uint8) for _ in names)
    samples = (SampleLabels(name, row, next(images), 1.0) for row, name in enumerate(names))
    path = key.part(folder / "labels", ".zarr.zip")
    write_labels(path, samples, [shape] * SAMPLES, CLASSES, dict)
    learned = ["train"] * 8 + ["validation"] * 8 if number == 0 else []
    splits = learned + ["test"] * (SAMPLES - len(learned))
    told = {**dict.fromkeys(SCHEMA.names), "corpus": key.corpus, "shard": key.shard,
            "verdict": "accepted", "reason": ""}  # fmt: skip
    rows = [{**told, "sample_id": name, "place": name, "row": row, "split": splits[row],
             "block": f"{row}_0"} for row, name in enumerate(names)]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    write_catalogue(table, key.part(folder / "catalogue", ".parquet"))


def write_network(path: Path) -> None:
    """A segmenter that has learned nothing."""
    encoder = build_encoder(NETWORK, len(FEATURES), {}, 1)
    segmenter = build_segmenter(encoder, len(CLASSES), 1)
    numbers = Statistics(FEATURES, UNITS, "sigma0", (1.0,) * 3, (0.0,) * 3, (1.0,) * 3, "f")
    trained = EncoderFile(NETWORK, len(FEATURES), {}, numbers, MEANING["recipe"], "none", {}, 1,
                          "d", 9, "c", {}, weights_of(encoder))  # fmt: skip
    write_segmenter(
        SegmenterFile(trained, CLASSES, "whole-100", CROP, {}, 1, 1, "d", {}, {}, "c", {},
                      weights_of(segmenter.decoder)),
        path,
    )  # fmt: skip


def score(folder: Path, shards: int) -> float:
    """Peak memory of scoring so many shards, MB."""
    lines = [f"drawn/train-{number:06d}\n" for number in range(shards)]
    (folder / "keys.txt").write_text("".join(lines))
    return peak_mb(
        folder, "confusion", "--features", "fusion", "--method", "none", "--encoder", NETWORK,
        "--run", "whole-100", "--segmenter", "segmenter", "--shards", "keys.txt", "--cubes",
        "cubes", "--catalogue", "catalogue", "--labels", "labels", "--output", "counts",
    )  # fmt: skip


def benchmark() -> list[dict]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = {"corpora": {"drawn": {"source": "simulated"}},
                  "landcover": {"finetune": {"threads": 1, "device": "cpu"}}}  # fmt: skip
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        for number in range(MANY):
            draw(folder, number)
        write_network(folder / "segmenter")
        few, many = (score(folder, shards) for shards in (FEW, MANY))
    name = f"memory-score-segmenter (MB; ours {MANY} shards, theirs {FEW})"
    return [{"name": name, "ours": many, "theirs": few, "ratio": few / many}]


if __name__ == "__main__":
    print(benchmark())
