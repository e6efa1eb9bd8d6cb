"""A training as small as can be, with all that it can get wrong; processes import it too."""

import importlib.util

import numpy as np
import pyarrow as pa
import torch
from torch import nn

from speckle2vec.choices import METHODS
from speckle2vec.networks.base import Encoder
from speckle2vec.networks.dropout import Dropout
from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.building import build_method
from speckle2vec.products.neighbours import SCHEMA, Nearness, write_neighbours
from speckle2vec.settings.methods import Simclr
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.checkpoints import Checkpoint
from speckle2vec.training.loop import train
from speckle2vec.training.method import Method
from speckle2vec.training.samples import HeldSource, Samples

FEATURES = ("B02", "B03", "B04", "VV")
EPOCHS, BATCH, SAMPLES, HELD_OUT = 3, 8, 27, 9
STEPS = SAMPLES // BATCH
SETTINGS = Pretrain(
    epochs=EPOCHS, batch_size=BATCH, threads=1, checkpoint_minutes=0, device="cpu", crop=32,
    mixed_shards=2, csf={"warm_up_epochs": 1, "ramp_epochs": 1}, vae={"warm_up_epochs": 1},
)  # fmt: skip
LEARNING = [name for name in METHODS if name != "none" and importlib.util.find_spec(METHODS[name])]


class Small(Encoder):
    """A convolution, batch normalisation, dropout and a linear layer."""

    def __init__(self, channels=4):
        super().__init__(channels)
        self.map_channels = 16
        self.convolution = nn.Sequential(
            nn.Conv2d(channels, 16, 16, 16), nn.BatchNorm2d(16), nn.ReLU()
        )
        self.dropout = Dropout(0.2)
        self.embed = nn.Linear(16, self.width)

    def feature_map(self, cubes, seasons=None):
        return self.convolution(cubes)

    def pool(self, maps):
        return self.embed(self.dropout(maps.mean(dim=(2, 3))))


def held(cubes, shards=None, prefix=""):
    """A source of cubes, held in memory."""
    names = tuple(f"{prefix}{index}" for index in range(len(cubes)))
    return HeldSource(names, shards or (len(cubes),), torch.zeros(len(cubes), 4), cubes)


def samples(folder=None):
    """Patches of 40 pixels, of three shards; with a table of neighbours where there is a folder."""
    generator = torch.Generator().manual_seed(0)
    total, channels = SAMPLES + HELD_OUT, len(FEATURES)
    level = torch.randn(total, channels, 1, 1, generator=generator)
    patches = level + 0.5 * torch.randn(total, channels, 40, 40, generator=generator)
    split = held(patches[:SAMPLES], (12, 5, 10)), held(patches[SAMPLES:], prefix="v")
    table = None if folder is None else write_table(folder / "neighbours.parquet", split)
    return Samples(*split, False, {}, "", table)


def write_table(path, split):
    """Samples in a row from west to east; those beside each other are neighbours."""
    rows = []
    for source in split:
        last = len(source) - 1
        for index, name in enumerate(source.ids):
            near = [other for other in (index - 1, index + 1) if 0 <= other <= last]
            rows.append({
                "sample_id": name, "longitude": 3.0 * index, "latitude": 0.0,
                "neighbours": [source.ids[other] for other in near],
                "distances": [3.0] * len(near),
            })  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    write_neighbours(path, [table], Nearness(4.0, 2, 64, 0))
    return path


def method(name, settings=SETTINGS):
    """A method around the small encoder, its weights always the same."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        encoder = Small()
    return build_method(name, encoder, settings, 1, FEATURES, 32)


def run(path, name="simclr", settings=SETTINGS, folder=None, curves=None):
    """Train from scratch or from the checkpoint at the path."""
    trained = method(name, settings)
    history = train(trained, samples(folder), settings, 1, Checkpoint(path, "same"), curves)
    return trained, history


class Constant(Encoder):
    """Embeds every sample alike, but for what `spread` lets through."""

    def __init__(self, spread):
        super().__init__(4)
        self.spread = spread
        self.bias = nn.Parameter(torch.ones(1024))
        self.project = nn.Linear(4, 1024)

    def feature_map(self, cubes, seasons=None):
        return cubes

    def pool(self, maps):
        return self.bias + self.spread * self.project(maps.mean(dim=(2, 3)))


class Collapsing(Method):
    """Rewards embeddings that are all alike."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, batch):
        return self.encoder(batch.cubes).var(dim=0).sum()


def of_report(**changes):
    """SimCLR with a head around the encoder of the report."""
    settings = changed(simclr=Simclr(projection=16), **changes)
    encoder = build_encoder("cnn-transformer", 4, {}, 1)
    return build_method("simclr", encoder, settings, 1, FEATURES, 32), settings


def train_method(path, trained, settings=SETTINGS):
    """Train a method that stands already."""
    history = train(trained, samples(), settings, 1, Checkpoint(path, "same"))
    return trained, history


def different(first, second):
    """Names of the tensors that are not equal bit for bit."""
    left, right = first.state_dict(), second.state_dict()
    assert left.keys() == right.keys()
    return [name for name in left if not torch.equal(left[name], right[name])]


class Killed(BaseException):
    """What ends a training in the middle of a step."""


def dying(real, steps):
    """`take_step` that dies in the middle of the step after so many."""
    left = [steps]

    def take_step(*arguments):
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(*arguments)

    return take_step


def changed(settings=SETTINGS, **values):
    return settings.model_copy(update=values)


def gradient_of(name, batch_of_step, folder):
    """Loss and gradient of one batch, batch normalisation and dropout frozen."""
    trained = method(name)
    for module in trained.modules():
        if isinstance(module, nn.BatchNorm2d | Dropout):
            module.eval()
    trained.attach(samples(folder))
    loss = trained(batch_of_step)
    loss.backward()
    gradients = {key: p.grad for key, p in trained.named_parameters() if p.grad is not None}
    return {"loss": loss.detach(), **gradients}


def random_cubes(count, side=40, seed=0, dtype=np.float16):
    return np.random.default_rng(seed).normal(-12, 4, (count, 3, side, side)).astype(dtype)
