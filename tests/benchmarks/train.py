"""Training: our engine against the plain loop of the report, on the same cubes."""

import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.building import build_method
from speckle2vec.pretrain.ntxent import nt_xent
from speckle2vec.pretrain.views import sar_view
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.statistics import Statistics, normalise
from speckle2vec.settings.methods import SarViews
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.checkpoints import Checkpoint
from speckle2vec.training.draws import Draws
from speckle2vec.training.loading import load_samples
from speckle2vec.training.loop import train

FEATURES = tuple(f"feature_{index}" for index in range(12))
UNITS = dict.fromkeys(FEATURES, "dB")
STATISTICS = Statistics(FEATURES, UNITS, "sigma0", (1.0,) * 12, (-12.0,) * 12, (5.0,) * 12, "")
SHARDS, SAMPLES, TRAINING, BATCH, EPOCHS, ROUNDS = 8, 64, 56, 64, 3, 3
KEYS = [ShardKey("benchmark", f"{index:06d}") for index in range(SHARDS)]


def benchmark() -> list[dict[str, float | str]]:
    """Samples a second of whole trainings, loading, health and checkpoints included.

    The two take turns, and the best of each counts: other work on the machine only slows.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_corpus(folder)
        rates = {"ours": [], "theirs": []}
        for _ in range(ROUNDS):
            rates["theirs"].append(rate(plain_training, folder))
            rates["ours"].append(rate(our_training, folder))
    ours, theirs = (max(rates[name]) for name in ("ours", "theirs"))
    return [{"name": "train", "ours": ours, "theirs": theirs, "ratio": ours / theirs}]


def rate(training, folder):
    """Samples a second."""
    start = time.perf_counter()
    training(folder)
    return SHARDS * TRAINING * EPOCHS / (time.perf_counter() - start)


def our_training(folder):
    """The engine, from cubes on disk to a trained encoder."""
    settings = Pretrain(epochs=EPOCHS, batch_size=BATCH, threads=torch.get_num_threads())
    samples = load_samples(KEYS, folder / "cubes", folder / "catalogue", STATISTICS, 16)
    encoder = build_encoder("cnn-transformer", 12, {}, 0)
    method = build_method("simclr", encoder, settings, 0, FEATURES, 64)
    checkpoint = Checkpoint(folder / "checkpoint.safetensors", "")
    train(method, samples, settings, 0, checkpoint)
    checkpoint.remove()


def plain_training(folder):
    """The loop of the report, section 6: two forward passes of what a plain loader yields."""
    loader = DataLoader(PlainSamples(folder), batch_size=BATCH, shuffle=True, num_workers=0)
    model = PlainEncoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    for _ in range(EPOCHS):
        for first, second in loader:
            loss = nt_xent(model(first), model(second), 0.5)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


class PlainSamples(Dataset):
    """Two views of one sample, read from its Zarr store when asked for."""

    def __init__(self, folder):
        self.paths = [key.part(folder / "cubes", ".zarr.zip") for key in KEYS]
        self.opened = [open_cubes(path) for path in self.paths]
        self.shards = [opened.__enter__() for opened in self.opened]
        self.generator = torch.Generator()

    def __len__(self):
        return SHARDS * TRAINING

    def __getitem__(self, index):
        shard, row = divmod(index, TRAINING)
        cube = torch.from_numpy(normalise(self.shards[shard].read(row, row + 1), STATISTICS))
        draws = Draws(self.generator, 1, slice(0, 1))
        return tuple(sar_view(cube, SarViews(), draws)[0] for _ in range(2))


class PlainEncoder(nn.Module):
    """The report's encoder (section 4) from PyTorch's own parts."""

    def __init__(self):
        super().__init__()
        widths = (12, 64, 128, 256, 512)
        self.cnn = nn.Sequential()
        for inputs, outputs in pairwise(widths):
            self.cnn.append(nn.Conv2d(inputs, outputs, kernel_size=3, stride=2, padding=1))
            self.cnn.append(nn.BatchNorm2d(outputs))
            self.cnn.append(nn.ReLU())
        self.project = nn.Linear(512, 128)
        layer = nn.TransformerEncoderLayer(d_model=128, nhead=8, batch_first=True)
        self.transformer = nn.TransformerEncoder(layer, num_layers=2)
        self.output = nn.Linear(128, 1024)

    def forward(self, cubes):
        tokens = self.project(self.cnn(cubes).flatten(2).transpose(1, 2))
        return self.output(self.transformer(tokens).mean(dim=1))


def write_corpus(folder, keys=KEYS):
    """Shards of noise: neither loop looks at what is in a pixel."""
    random = np.random.default_rng(0)
    attributes = {"features": FEATURES, "units": UNITS, "calibration": "sigma0", "recipe": {}}
    for key in keys:
        blocks = (random.normal(-12, 5, (1, 12, 64, 64)).astype(np.float32) for _ in range(SAMPLES))
        ids = [f"{key.shard}_{row}" for row in range(SAMPLES)]
        write_cubes(
            key.part(folder / "cubes", ".zarr.zip"), blocks, ids, range(SAMPLES), (12, 64, 64),
            attributes,
        )  # fmt: skip
        rows = [catalogue_row(key, name, row) for row, name in enumerate(ids)]
        table = pa.Table.from_pylist(rows, schema=SCHEMA)
        write_catalogue(table, key.part(folder / "catalogue", ".parquet"))


def catalogue_row(key, name, row):
    """An accepted sample, for training or, one in eight, held out."""
    known = {"sample_id": name, "corpus": key.corpus, "shard": key.shard, "row": row}
    split = "train" if row < TRAINING else "validation"
    told = {"place": name, "split": split, "verdict": "accepted", "reason": ""}
    return {**dict.fromkeys(SCHEMA.names), **known, **told}


if __name__ == "__main__":
    print(benchmark())
