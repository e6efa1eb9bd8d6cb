"""Peak memory of the jobs that read shards, for 2 shards and for 20.

One simulated shard is drawn and linked as often as needed, so that the corpora differ in
length only. A job's memory is that of all its processes, pages they share counted once,
looked at fifty times a second. (The kernel's own `ru_maxrss` starts at what the process
held that started the job.)
"""

import sys
import tempfile
import time
from pathlib import Path

import psutil
import yaml

FEW, MANY = 2, 20
SAMPLES_FROM = "train-000001"
MODEL = ("sar-temporal", "simclr", "cnn-transformer")


def peak_mb(folder: Path, *arguments: str) -> float:
    """Run one command of the package in a folder and give its peak memory, MB."""
    command = [sys.executable, "-m", "speckle2vec", *arguments, "--config", "config.yaml"]
    with (folder / "log.txt").open("w") as log:
        running = psutil.Popen(command, cwd=folder, stdout=log, stderr=log)
        peak = 0.0
        while running.poll() is None:
            peak = max(peak, held_mb(running))
            time.sleep(0.02)
    if running.returncode:
        raise RuntimeError((folder / "log.txt").read_text())
    return peak


def held_mb(job: psutil.Popen) -> float:
    """What a job and its children hold now, MB; shared pages are shared out."""
    held = 0
    try:
        for process in (job, *job.children(recursive=True)):
            held += process.memory_full_info().pss
    except psutil.Error:
        return 0.0
    return held / 2**20


def draw_raw(folder: Path) -> Path:
    """One raw shard of 64 simulated samples."""
    config = {"corpora": {"demo": {"source": "simulated", "size": "demo"}}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    peak_mb(folder, "land-cover", "--corpus", "demo", "--output", "landcover.gpkg")
    peak_mb(folder, "simulate", "--shard", f"demo/{SAMPLES_FROM}", "--modality", "S1GRD",
            "--land-cover", "landcover.gpkg", "--output", "raw.zarr.zip")  # fmt: skip
    return folder / "raw.zarr.zip"


def link_corpora(folder: Path, raw: Path) -> None:
    """Corpora `few` and `many` of links to the one raw shard, each with ids of its own."""
    corpora = {}
    for corpus, count in (("few", FEW), ("many", MANY)):
        target = folder / corpus / "train" / "S1GRD"
        target.mkdir(parents=True)
        for number in range(count):
            (target / f"shard_{number:06d}.zarr.zip").symlink_to(raw)
        corpora[corpus] = {"source": "ssl4eo", "path": str(folder / corpus), "folders": ["train"]}
    pretrain = {"epochs": 1, "shards": ["few/*"]}
    splits = {"train": 1, "validation": 0, "test": 0}
    config = {"corpora": corpora, "pretrain": pretrain, "splits": splits}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def preprocess(folder: Path, corpus: str, count: int) -> float:
    """Largest peak of the preprocessing jobs of a corpus."""
    peaks = []
    for number in range(count):
        shard = f"{corpus}/train-{number:06d}"
        part = f"catalogue/{shard}.parquet"
        peak_mb(folder, "ingest", "--shard", shard, "--output", part)
        peaks.append(
            peak_mb(folder, "preprocess", "--shard", shard, "--features", MODEL[0], "--catalogue",
                    part, "--threads", "4", "--output", f"cubes/{shard}.zarr.zip")
        )  # fmt: skip
    return max(peaks)


def train(folder: Path) -> None:
    (folder / "keys.txt").write_text("".join(f"few/train-{n:06d}\n" for n in range(FEW)))
    shared = ["--shards", "keys.txt", "--features", MODEL[0], "--cubes", "cubes",
              "--catalogue", "catalogue"]  # fmt: skip
    peak_mb(folder, "statistics", *shared, "--output", "statistics.json")
    peak_mb(folder, "pretrain", *shared, "--method", MODEL[1], "--encoder", MODEL[2],
            "--statistics", "statistics.json", "--checkpoint", "checkpoint", "--output",
            "encoder", "--card", "card", "--history", "history")  # fmt: skip


def extract(folder: Path, corpus: str, count: int) -> float:
    """Largest peak of embedding a corpus and of exporting it."""
    names = [f"{corpus}/train-{number:06d}" for number in range(count)]
    peaks = [
        peak_mb(folder, "embed", "--encoder-file", "encoder", "--cubes", f"cubes/{name}.zarr.zip",
                "--output", f"embeddings/{name}.parquet")
        for name in names
    ]  # fmt: skip
    (folder / "keys.txt").write_text("\n".join(names))
    merged = ["--shards", "keys.txt", "--catalogue"]
    peak_mb(folder, "catalogue", *merged, "catalogue", "--output", "all.parquet")
    peaks.append(
        peak_mb(folder, "export", *merged, "all.parquet", "--embeddings", "embeddings",
                "--csv", "e.csv", "--parquet", "e.parquet")
    )  # fmt: skip
    return max(peaks)


def entry(stage: str, few: float, many: float) -> dict:
    name = f"memory-{stage} (MB; ours {MANY} shards, theirs {FEW})"
    return {"name": name, "ours": many, "theirs": few, "ratio": few / many}


def benchmark() -> list[dict]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        link_corpora(folder, draw_raw(folder))
        cubes = [preprocess(folder, *corpus) for corpus in (("few", FEW), ("many", MANY))]
        train(folder)
        tables = [extract(folder, *corpus) for corpus in (("few", FEW), ("many", MANY))]
    return [entry("preprocess", *cubes), entry("extract", *tables)]


if __name__ == "__main__":
    print(benchmark())
