"""Coding and decoding in GB of float32 a second on one core, against the goal of 0.5.

The simple codes are those without PCA and codebooks. The seconds are those of the processor, so
that others who use the machine count less.
"""

import statistics
import time

import numpy as np

from speckle2vec.measures.codes.coder import fit_coder
from speckle2vec.products.embeddings import WIDTH

SAMPLES, ROUNDS, GOAL = 16_384, 5, 0.5
SIMPLE = ("float32", "float16", "int8", "int4", "binary")


def gigabytes_a_second(work, size):
    work()
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return size / 1e9 / statistics.median(seconds)


def benchmark() -> list[dict]:
    values = np.random.default_rng(0).normal(size=(SAMPLES, WIDTH)).astype(np.float32)
    entries = []
    for name in SIMPLE:
        coder = fit_coder(name, values[:2048], 1)
        codes = coder.encode(values)
        for task, work in (
            ("encode", lambda coder=coder: coder.encode(values)),
            ("decode", lambda coder=coder, codes=codes: coder.decode(codes)),
        ):
            ours = gigabytes_a_second(work, values.nbytes)
            entries.append({"name": f"{task} {name}, GB/s", "ours": ours, "theirs": GOAL,
                            "ratio": ours / GOAL})  # fmt: skip
    return entries


if __name__ == "__main__":
    for entry in benchmark():
        print(entry)
