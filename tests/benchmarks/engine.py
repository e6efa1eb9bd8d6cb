"""One training step of each method, against forward and backward of its own networks.

Ours is a whole step from samples in memory: taking and cropping them, views, neighbours,
losses, the optimiser. Theirs is the same networks on a batch that is ready, and the mean
square of what they give. The goal is a ratio of at least 1 / 1.2.
"""

import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.building import build_method
from speckle2vec.products.neighbours import SCHEMA, Nearness, write_neighbours
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.batches import batches
from speckle2vec.training.checkpoints import Progress
from speckle2vec.training.loop import take_step
from speckle2vec.training.machine import prepare
from speckle2vec.training.samples import HeldSource, Samples

METHODS = ("simclr", "vae", "tile2vec", "csf", "mae")
ROUNDS, NEAR, CPU = 5, 16, torch.device("cpu")
BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12",
         "VV", "VH")  # fmt: skip
CASES = {  # encoder, features, side of the patches, samples a batch
    "": ("cnn-transformer", tuple(f"vv_{index}" for index in range(12)), 64, 64),
    "-fusion": ("resnet18", BANDS, 264, 8),
}


def benchmark() -> list[dict[str, float | str]]:
    """Milliseconds a step, the best of several rounds; the two take turns."""
    with tempfile.TemporaryDirectory() as name:
        return [
            entry(f"step-{method}{case}", *steps(method, *CASES[case], Path(name)))
            for case in CASES
            for method in METHODS
        ]


def entry(name, ours, theirs):
    quick, plain = [], []
    for _ in range(ROUNDS):
        plain.append(milliseconds(theirs))
        quick.append(milliseconds(ours))
    return {"name": name, "ours": min(quick), "theirs": min(plain),
            "ratio": min(plain) / min(quick)}  # fmt: skip


def milliseconds(work):
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def steps(name, encoder, features, side, size, folder):
    """What does one step of ours, and one forward and backward of the networks alone."""
    settings = Pretrain(batch_size=size, device="cpu", threads=torch.get_num_threads())
    samples = drawn_samples(4 * size, len(features), side, folder)
    crop = min(side, settings.crop)
    method = build_method(name, build_encoder(encoder, len(features), {}, 0), settings, 0,
                          features, crop)  # fmt: skip
    prepare(method, settings)
    method.attach(samples)
    optimizer = torch.optim.Adam(method.parameters(), fused=True)
    progress = Progress(epoch=9)
    coming = cycle_of_batches(samples.train, settings)
    ready = next(coming)
    ready.cubes  # noqa: B018 - cropped once, outside what is timed

    def ours():
        take_step(method, optimizer, islice(coming, 1), 1, 1e-4, settings, progress)

    def theirs():
        method.zero_grad()
        networks(name, method, ready).square().mean().backward()

    return ours, theirs


def cycle_of_batches(source, settings):
    for epoch in cycle(range(100)):
        yield from batches(source, settings, 0, Progress(epoch), CPU)


def networks(name, method, batch):
    """All that a method's networks give for a batch, in one tensor."""
    cubes, seasons = batch.cubes, batch.seasons
    if name == "vae":
        code = method.encoded(cubes, seasons)
        latent, spread = method.mean(code), method.log_variance(code)
        image = method.decoder(method.widen(latent))
        return torch.cat([image.flatten(), spread.flatten()])
    if name == "mae":
        return method.decoder(method.unfold(method.encoded(cubes, seasons)))
    if name == "tile2vec":
        return method.encoder(torch.cat([cubes] * 3), torch.cat([seasons] * 3))
    return torch.cat([method.encoder(cubes, seasons) for _ in range(2)])


def drawn_samples(count, features, side, folder):
    """Noise, since no step looks at what is in a pixel, and a table of neighbours."""
    patches = torch.randn(count, features, side, side)
    ids = tuple(map(str, range(count)))
    source = HeldSource(ids, (count,), torch.zeros(count, 4), patches)
    places = np.random.default_rng(0).uniform(-1, 1, (count, 2)) * (180, 80)
    rows = [
        {
            "sample_id": ids[row], "longitude": float(places[row, 0]),
            "latitude": float(places[row, 1]),
            "neighbours": [ids[(row + step) % count] for step in range(1, NEAR)],
            "distances": [0.05 * step for step in range(1, NEAR)],
        }
        for row in range(count)
    ]  # fmt: skip
    table = folder / f"neighbours-{count}.parquet"
    write_neighbours(table, [pa.Table.from_pylist(rows, schema=SCHEMA)], Nearness(1.0, 4, 64, 0))
    return Samples(source, source, True, {}, "", table)


if __name__ == "__main__":
    print(*benchmark(), sep="\n")
