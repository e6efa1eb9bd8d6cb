"""What each rank does in `test_ranks.py`; started by torchrun with a folder."""

import sys
from pathlib import Path

import small
import torch
from safetensors.torch import save_file

from speckle2vec.training import loop
from speckle2vec.training.batches import batches
from speckle2vec.training.checkpoints import Progress
from speckle2vec.training.ranks import average, joined, rank, world

SETTINGS = small.changed(ranks=2)


def save_gradients(folder):
    samples = small.samples(folder / str(rank()))
    for name in small.LEARNING:
        batch = next(batches(samples.train, SETTINGS, 0, Progress(epoch=2), torch.device("cpu")))
        found = small.gradient_of(name, batch, folder / str(rank()))
        average(found.values())
        save_file(found, folder / f"{name}-{rank()}.safetensors")


def save_training(folder, name, steps=None):
    """Train, dying after so many steps and going on where those are given."""
    path = folder / f"{name}-checkpoint.safetensors"
    if steps is not None:
        real = loop.take_step
        loop.take_step = small.dying(real, steps)
        try:
            small.run(path, settings=SETTINGS)
        except small.Killed:
            loop.take_step = real
    trained, history = small.run(path, settings=SETTINGS)
    state = {key: value.contiguous() for key, value in trained.state_dict().items()}
    figures = torch.tensor([list(row.values()) for row in history[1:]])
    save_file({**state, "history": figures}, folder / f"{name}-{rank()}.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    with joined(SETTINGS):
        assert world() == 2
        (Path(sys.argv[1]) / str(rank())).mkdir()
        save_gradients(Path(sys.argv[1]))
        save_training(Path(sys.argv[1]), "whole")
        save_training(Path(sys.argv[1]), "resumed", steps=4)
