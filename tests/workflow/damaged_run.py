"""A finished run with more products, of which some are damaged or exchanged for another's.

Commands run in this process: a new one for each of some hundreds would take minutes.
"""

import contextlib
import io
import os
import shutil
from dataclasses import replace

import yaml

from speckle2vec.cli import main
from speckle2vec.products.segmenters import read_segmenter, write_segmenter
from speckle2vec.progress import LOGGER

TRAIN, OTHER = "tiny/train-000001", "tiny/val-000001"
MODEL, UNTRAINED = "sar-temporal/simclr/cnn-transformer", "sar-temporal/none/cnn-transformer"
RESNET = "sar-temporal/none/resnet18"
RESULTS = "results"
CUBES, CATALOGUE = f"{RESULTS}/cubes/sar-temporal", f"{RESULTS}/catalogue"
MERGED, LABELS = f"{RESULTS}/catalogue.parquet", f"{RESULTS}/labels"
ENCODER = f"{RESULTS}/models/{MODEL}/encoder.safetensors"
STATISTICS, NEIGHBOURS = f"{RESULTS}/statistics/sar-temporal.json", f"{RESULTS}/neighbours.parquet"
PARTS, TABLE = f"{RESULTS}/embeddings/{MODEL}", f"{RESULTS}/embeddings.parquet"
TARGET = f"{RESULTS}/probes/land-cover"
CELL = f"{RESULTS}/landcover/{RESNET}/frozen-100"
CODES = f"{RESULTS}/codes/{MODEL}/int8.parquet"
RAW = "results/corpora/tiny/{0}/S1GRD/ssl4eos12_{0}_seasonal_data_000001.zarr.zip"
SIBLINGS = "siblings"
"""Folder of products that are whole by themselves and stand nowhere in the run."""

LABELLED = {
    "landcover": {"scored": ["validation", "test"],
                  "finetune": {"epochs": 1, "batch_size": 16, "threads": 1, "device": "cpu"}},
    "probes": {"folds": 3, "draws": 100, "scored": ["validation", "test"]},
}  # fmt: skip


def pretrain(method, encoder, *more):
    return [
        "pretrain", "--features", "sar-temporal", "--method", method, "--encoder", encoder,
        "--cubes", CUBES, "--catalogue", CATALOGUE, "--statistics", STATISTICS,
        "--checkpoint", "{out}/checkpoint", "--output", "{out}/encoder.safetensors",
        "--card", "{out}/card.md", "--history", "{out}/history.csv", *more,
    ]  # fmt: skip


def embed(model):
    features, method, encoder = model.split("/")
    return [
        "embed", "--encoder-file", f"{RESULTS}/models/{model}/encoder.safetensors",
        "--features", features, "--method", method, "--encoder", encoder, "--shard", TRAIN,
        "--cubes", f"{CUBES}/{TRAIN}.zarr.zip", "--output", "{out}/part.parquet",
    ]  # fmt: skip


def labels(shard):
    return ["labels", "--shard", shard, "--catalogue", f"{CATALOGUE}/{shard}.parquet",
            "--output", "{out}/" + f"{shard}.zarr.zip"]  # fmt: skip


SAMPLES = ["--cubes", CUBES, "--catalogue", CATALOGUE]
LEARNT = [*SAMPLES, "--labels", LABELS]
EMBEDDED = ["--catalogue", MERGED, "--embeddings", PARTS]
TOLD = ["--embeddings", TABLE, "--catalogue", MERGED, "--encoder-file", ENCODER]
COMMANDS = {
    "ingest": ["ingest", "--shard", TRAIN, "--output", "{out}/part.parquet"],
    "catalogue": ["catalogue", "--catalogue", CATALOGUE, "--output", "{out}/catalogue.parquet"],
    "preprocess": ["preprocess", "--shard", TRAIN, "--features", "sar-temporal", "--catalogue",
                   f"{CATALOGUE}/{TRAIN}.parquet", "--output", "{out}/cubes.zarr.zip"],
    "statistics": ["statistics", "--features", "sar-temporal", *SAMPLES,
                   "--output", "{out}/statistics.json"],
    "neighbours": ["neighbours", "--catalogue", CATALOGUE, "--output", "{out}/neighbours.parquet"],
    "pretrain": pretrain("none", "pixel-statistics"),
    "tile2vec": pretrain("tile2vec", "cnn-transformer", "--neighbours", NEIGHBOURS),
    "embed": embed(MODEL),
    "export": ["export", *EMBEDDED, "--encoder-file", ENCODER, "--csv", "{out}/embeddings.csv",
               "--parquet", "{out}/embeddings.parquet"],
    "geoparquet": ["geoparquet", *TOLD, "--output", "{out}/embeddings.geoparquet"],
    "data-card": ["data-card", *TOLD, "--output", "{out}/data_card.md"],
    "labels": labels(TRAIN),
    "class-shares": ["class-shares", "--labels", LABELS, "--catalogue", CATALOGUE,
                     "--output", "{out}/shares.csv"],
    "finetune": ["finetune", "--run", "frozen-100", "--features", "sar-temporal", "--method",
                 "none", "--encoder", "resnet18", "--encoder-file",
                 f"{RESULTS}/models/{RESNET}/encoder.safetensors", *LEARNT,
                 "--checkpoint", "{out}/checkpoint", "--output", "{out}/segmenter.safetensors",
                 "--history", "{out}/history.csv"],
    "confusion": ["confusion", "--features", "sar-temporal", "--method", "none", "--encoder",
                  "resnet18", "--run", "frozen-100", "--segmenter", f"{CELL}/segmenter.safetensors",
                  *LEARNT, "--output", "{out}/confusion.parquet"],
    "encode": ["encode", "--code-name", "int8", *EMBEDDED, "--output", "{out}/int8.parquet"],
    "probe-target": ["probe-target", "--label", "land-cover", "--catalogue", MERGED,
                     "--labels", LABELS, "--output", "{out}/target.parquet"],
    "probe": ["probe", "--target", f"{TARGET}/target.parquet", *EMBEDDED,
              "--output", "{out}/probe.parquet"],
    "search-index": ["search-index", *EMBEDDED, "--output", "{out}/index.faiss"],
    "probe-code": ["probe-code", "--codes", CODES, "--encoder-file", ENCODER, "--target",
                   f"{TARGET}/target.parquet", "--catalogue", MERGED,
                   "--output", "{out}/probe.parquet"],
}  # fmt: skip


class Run:
    """The folder of a run, whose commands are given by hand."""

    def __init__(self, folder):
        self.folder = folder

    def give(self, words, out, config="config.yaml"):
        """Status and messages of one command that writes into a folder."""
        told = io.StringIO()
        words = [word.replace("{out}", str(out)) for word in words]
        with contextlib.chdir(self.folder), contextlib.redirect_stderr(told):
            try:
                status = main([words[0], "--config", config, *words[1:]])
            finally:
                LOGGER.handlers = []
        return status, told.getvalue()

    def made(self, words, out, config="config.yaml"):
        """What a command that must succeed writes, by name."""
        status, told = self.give(words, out, config)
        assert status == 0, told
        return self.files(out)

    def files(self, out):
        """Contents of a folder; curves of a training hold the time of day."""
        folder = self.folder / out
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.name: path.read_bytes() for path in files if "events.out" not in path.name}


def finished_run(source, folder):
    """The products of a finished run and some more, and what might take their places."""
    shutil.copytree(source / RESULTS, folder / RESULTS, copy_function=os.link)
    config = yaml.safe_load((source / "config/experiments/tiny.yaml").read_text()) | LABELLED
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "seed7.yaml").write_text(yaml.safe_dump({**config, "seed": 7}))
    (folder / "few.txt").write_text(TRAIN)
    run = Run(folder)
    run.made(COMMANDS["neighbours"], RESULTS)
    for shard in (TRAIN, OTHER):
        run.made(labels(shard), LABELS)
    run.made(COMMANDS["probe-target"], TARGET)
    run.made(COMMANDS["encode"], f"{RESULTS}/codes/{MODEL}")
    run.made(pretrain("none", "resnet18"), f"{RESULTS}/models/{RESNET}")
    run.made(COMMANDS["finetune"], CELL)
    _add_siblings(run)
    return run


def _add_siblings(run):
    for name in ("neighbours", "statistics", "catalogue"):
        run.made([*COMMANDS[name], "--shards", "few.txt"], f"{SIBLINGS}/fewer")
    run.made(COMMANDS["catalogue"], f"{SIBLINGS}/seed7", "seed7.yaml")
    run.made(pretrain("none", "cnn-transformer@7"), f"{SIBLINGS}/seed7")
    run.made(pretrain("none", "cnn-transformer"), f"{RESULTS}/models/{UNTRAINED}")
    run.made(embed(UNTRAINED), f"{SIBLINGS}/untrained")
    whole = read_segmenter(run.folder / f"{CELL}/segmenter.safetensors")
    other = replace(whole, encoder=replace(whole.encoder, method="simclr"))
    write_segmenter(replace(whole, run="frozen-50"), run.folder / f"{SIBLINGS}/of-another-run")
    write_segmenter(other, run.folder / f"{SIBLINGS}/of-another-model")


def linked(run, folder):
    """A copy of a run whose files may be replaced, though not written into."""
    shutil.copytree(run.folder, folder, copy_function=os.link)
    return Run(folder)
