"""Networks: forward and backward samples a second, beside what bare matrix products would take.

`theirs` is the rate at which this machine, with as many threads, multiplies matrices with as
many operations; the ratio is the share of that peak a network reaches. Both by the best of
rounds that take turns: other work on the machine only slows.
"""

import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from speckle2vec.networks.registry import build_encoder

THREADS, BATCH, ROUNDS = 2, 16, 3
NETWORKS = ("cnn-transformer", "resnet18", "resnet34", "resnet18-attention")
FEATURE_SETS = {"sar-temporal": (12, 64), "fusion": (14, 128)}


def benchmark() -> list[dict[str, float | str]]:
    """One entry a network and feature set, float32."""
    torch.set_num_threads(THREADS)
    return [
        entry(name, features, *shape)
        for features, shape in FEATURE_SETS.items()
        for name in NETWORKS
    ]


def entry(name, features, channels, side):
    """Rates of one network."""
    encoder = build_encoder(name, channels, {}, 0).to(memory_format=torch.channels_last)
    cubes = torch.randn(BATCH, channels, side, side)
    with FlopCounterMode(display=False) as counter:
        step(encoder, cubes)
    operations = counter.get_total_flops() / BATCH
    ours, peak = [], []
    for _ in range(ROUNDS):
        ours.append(BATCH / seconds(lambda: step(encoder, cubes)))
        peak.append(multiplications() / operations)
    figures = {"ours": max(ours), "theirs": max(peak), "ratio": max(ours) / max(peak)}
    return {"name": f"forward and backward: {name}, {features}", **figures}


def step(encoder, cubes):
    """One forward and one backward pass."""
    encoder.zero_grad()
    encoder(cubes).square().mean().backward()


def multiplications(side=2048):
    """Floating-point operations a second of a product of square matrices."""
    matrix = torch.randn(side, side)
    return 2 * side**3 / seconds(lambda: matrix @ matrix)


def seconds(work):
    """How long it takes, by the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    for row in benchmark():
        print(f"{row['name']:55} {row['ours']:8.1f} {row['theirs']:8.1f} {row['ratio']:6.2f}")
