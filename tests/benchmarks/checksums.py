"""What checksums cost each stage, in percent of its processor time; of all the goal is under 3.

One simulated shard goes the main road in this process. The checksums of a stage are those of the
bytes that it reads and writes: SHA-256 of cubes, weights and checkpoints, and CRC-32 of members of
zips and of Parquet pages. Their rates are measured beside it. The start of a command, seconds
without a checksum, is not counted, so shares are higher here than in a run.
"""

import contextlib
import hashlib
import io
import os
import statistics
import tempfile
import time
import zlib
from pathlib import Path
from unittest.mock import patch

import yaml

from speckle2vec.cli import main
from speckle2vec.products.cubes import open_cubes
from speckle2vec.training.checkpoints import Checkpoint

KEY, FEATURES, METHOD, ENCODER = "demo/train-000001", "sar-temporal", "simclr", "cnn-transformer"
EPOCHS, ROUNDS, GOAL = 2, 5, 3.0
RAW = "corpora/demo/train/S1GRD/ssl4eos12_train_seasonal_data_000001.zarr.zip"
PART, CUBES = f"catalogue/{KEY}.parquet", f"cubes/{KEY}.zarr.zip"
ALL, CODED = "catalogue.parquet", f"embeddings/{KEY}.parquet"
COMMANDS = {
    "land-cover": ["--corpus", "demo", "--output", "landcover.gpkg"],
    "simulate": ["--shard", KEY, "--modality", "S1GRD", "--land-cover", "landcover.gpkg",
                 "--output", RAW],
    "ingest": ["--shard", KEY, "--output", PART],
    "catalogue": ["--catalogue", "catalogue", "--output", ALL],
    "preprocess": ["--shard", KEY, "--features", FEATURES, "--catalogue", PART, "--output", CUBES],
    "statistics": ["--features", FEATURES, "--cubes", "cubes", "--catalogue", "catalogue",
                   "--output", "statistics.json"],
    "pretrain": ["--features", FEATURES, "--method", METHOD, "--encoder", ENCODER, "--cubes",
                 "cubes", "--catalogue", "catalogue", "--statistics", "statistics.json",
                 "--checkpoint", "checkpoint", "--output", "encoder", "--card", "card",
                 "--history", "history"],
    "embed": ["--encoder-file", "encoder", "--cubes", CUBES, "--output", CODED],
    "export": ["--catalogue", ALL, "--embeddings", "embeddings", "--encoder-file", "encoder",
               "--csv", "embeddings.csv", "--parquet", "embeddings.parquet"],
}  # fmt: skip
MEASURED = ("ingest", "preprocess", "statistics", "pretrain", "embed", "export")


def cpu_seconds() -> float:
    """Of this process and the children that have ended."""
    return sum(os.times()[:4])


def run(folder: Path) -> tuple[dict[str, float], int]:
    """Processor time of each stage, and bytes of all checkpoints that were written."""
    config = {
        "corpora": {"demo": {"source": "simulated", "size": "demo", "shards": [KEY[5:]]}},
        "splits": {"train": 1, "validation": 0, "test": 0},
        "pretrain": {"epochs": EPOCHS, "threads": 1},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    save, written = Checkpoint.save, [0]

    def counted(kept: Checkpoint, *state: object) -> None:
        save(kept, *state)
        written[0] += kept.path.stat().st_size

    seconds = {}
    with contextlib.chdir(folder), patch.object(Checkpoint, "save", counted):
        for name, words in COMMANDS.items():
            told, start = io.StringIO(), cpu_seconds()
            with contextlib.redirect_stderr(told):
                status = main([name, "--config", "config.yaml", "--made", "corpora", *words])
            assert status == 0, told.getvalue()
            seconds[name] = cpu_seconds() - start
    return seconds, written[0]


def checked(folder: Path, checkpoints: int) -> dict[str, tuple[int, int]]:
    """Bytes of each stage that go through SHA-256 and through CRC-32."""
    size = {name: (folder / name).stat().st_size for name in
            (RAW, PART, CUBES, ALL, CODED, "encoder", "embeddings.parquet")}  # fmt: skip
    with open_cubes(folder / CUBES) as shard:
        pixels = shard.cubes.nbytes
    index = size[CUBES] - shard.cubes.nbytes_stored()
    return {
        "ingest": (0, size[RAW] + size[PART]),
        "preprocess": (pixels, size[RAW] + size[PART] + size[CUBES]),
        "statistics": (0, size[PART] + index),
        "pretrain": (checkpoints + size["encoder"], size[PART] + size[CUBES]),
        "embed": (2 * size["encoder"], size[CUBES] + size[CODED]),
        "export": (size["encoder"], size[ALL] + size[CODED] + size["embeddings.parquet"]),
    }


def rate(digest) -> float:
    """Bytes a second."""
    block, seconds = bytes(2**24), []
    for _ in range(ROUNDS):
        start = time.process_time()
        digest(block)
        seconds.append(time.process_time() - start)
    return len(block) / statistics.median(seconds)


def benchmark() -> list[dict]:
    with tempfile.TemporaryDirectory() as name:
        seconds, checkpoints = run(Path(name))
        amounts = checked(Path(name), checkpoints)
    sha, crc = rate(lambda block: hashlib.sha256(block).digest()), rate(zlib.crc32)
    spent = {name: amounts[name][0] / sha + amounts[name][1] / crc for name in MEASURED}
    rows = [(name, spent[name], seconds[name]) for name in MEASURED]
    rows.append(("all", sum(spent.values()), sum(seconds[name] for name in MEASURED)))
    return [entry(name, 100 * cost / whole) for name, cost, whole in rows]


def entry(name: str, share: float) -> dict:
    return {"name": f"checksums-{name}, % of the processor's time (theirs: the goal)",
            "ours": share, "theirs": GOAL, "ratio": GOAL / share}  # fmt: skip


if __name__ == "__main__":
    for one in benchmark():
        print(one)
