"""Shards of small cubes that tests write."""

import numpy as np

from speckle2vec.products.cube_writer import write_cubes

FEATURES = ("vv_mean", "vh_mean")


def cubes_of(count, seed=0):
    return np.random.default_rng(seed).normal(-12, 5, (count, 2, 8, 8)).astype(np.float32)


def write(path, cubes, block=3, names=None, **attributes):
    blocks = (cubes[start : start + block] for start in range(0, len(cubes), block))
    names = names or [f"sample{index}" for index in range(len(cubes))]
    write_cubes(
        path, blocks, names, range(len(cubes)), (2, 8, 8), {"features": FEATURES, **attributes}
    )
