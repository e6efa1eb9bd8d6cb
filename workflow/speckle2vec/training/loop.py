"""The one training engine, for every method and every encoder."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.optim import Adam, Optimizer

from speckle2vec.errors import UserError
from speckle2vec.progress import LOGGER, duration, remaining
from speckle2vec.provenance import generator, stream_seed
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.batches import batch_of
from speckle2vec.training.checkpoints import Checkpoint, Progress
from speckle2vec.training.data import Samples, Source
from speckle2vec.training.held_out import check_alive, measure
from speckle2vec.training.machine import precision, prepare
from speckle2vec.training.method import Batch, Method

SPEAK_S = 10.0


def train(
    method: Method, samples: Samples, settings: Pretrain, seed: int, checkpoint: Checkpoint
) -> list[dict[str, float]]:
    """Train a method's parameters in place.

    What a step does depends on the seed, its epoch and its place in the epoch, and on
    nothing else, so a training that goes on from a checkpoint ends with the same
    weights as one that was never stopped, bit for bit on a CPU.

    Args:
        method: The encoder and its loss.
        samples: What it is trained on, and what its health is measured on.
        settings: Epochs, batch size, rate, precision, checkpoints.
        seed: The seed in the settings.
        checkpoint: Where the training is kept; an unfinished one there goes on.

    Returns:
        One row an epoch: `epoch`, `loss`, `held_out_loss`, `std`, `cosine`, `rank`;
        before them epoch 0, the untrained method, without `loss`.

    Raises:
        UserError: The loss is not finite, or the encoder has collapsed.
    """
    device = prepare(method, settings)
    method.attach(samples)
    if not method.learns:
        return [{"epoch": 0, **measure(method, samples.held_out, settings, seed, device)}]
    optimizer = Adam(method.parameters(), lr=settings.learning_rate, fused=True)
    with torch.random.fork_rng():
        progress = checkpoint.restore(method, optimizer)
        if not progress.history:
            untrained = measure(method, samples.held_out, settings, seed, device)
            progress.history.append({"epoch": 0, **untrained})
        steps = steps_per_epoch(len(samples.train), settings.batch_size)
        clock = Clock(settings, steps, progress)
        method.train()
        while progress.epoch < settings.epochs:
            for batch in batches(samples.train, settings, seed, progress, device):
                progress.loss_sum += take_step(method, optimizer, batch, settings, progress)
                progress.step += 1
                clock.speak(progress)
                if clock.checkpoint_due():
                    checkpoint.save(method, optimizer, progress)
            row = {"epoch": progress.epoch + 1, "loss": progress.loss_sum / progress.step}
            row |= measure(method, samples.held_out, settings, seed, device)
            check_alive(row, progress.history[0]["std"], settings)
            clock.tell(row)
            progress = Progress(progress.epoch + 1, history=[*progress.history, row])
            checkpoint.save(method, optimizer, progress)
    return progress.history


def take_step(
    method: Method, optimizer: Optimizer, batch: Batch, settings: Pretrain, progress: Progress
) -> float:
    """One step of the optimiser; gives the loss before it."""
    with precision(settings, batch.patches.device):
        loss: Tensor = method(batch)
    value = loss.item()
    if not math.isfinite(value):
        raise UserError(
            f"The loss is {value} in epoch {progress.epoch + 1}, step {progress.step + 1}; the "
            "last good checkpoint is kept. Lower `pretrain.learning_rate`, or use `float32` as "
            "`pretrain.precision`."
        )
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return value


def steps_per_epoch(samples: int, batch_size: int) -> int:
    """Full batches in an epoch; one of all samples where there are fewer than a batch."""
    return max(samples // batch_size, 1)


def batches(
    source: Source, settings: Pretrain, seed: int, progress: Progress, device: torch.device
) -> Iterator[Batch]:
    """The batches of an epoch that are still to do, in an order of the epoch's own.

    The rest that fills no batch is left out; another order leaves out others. Torch's
    own random state, which dropout draws from, is set for each step as well.
    """
    epoch = progress.epoch
    order = torch.from_numpy(generator(seed, "order", epoch).permutation(len(source)))
    size = min(settings.batch_size, len(source))
    for step in range(progress.step, steps_per_epoch(len(source), settings.batch_size)):
        rows = order[step * size : (step + 1) * size]
        torch.manual_seed(stream_seed(seed, "step", epoch, step))
        yield batch_of(
            source, rows, settings, epoch, stream_seed(seed, "views", epoch, step), device
        )


@dataclass
class Clock:
    """Says how far the training is, and when a checkpoint is due; no product sees it."""

    settings: Pretrain
    steps: int
    """Steps an epoch."""
    begun: Progress
    """Where this run took the training up."""
    start: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.spoken = self.saved = self.start
        self.first = self.begun.epoch * self.steps + self.begun.step

    def speak(self, progress: Progress) -> None:
        """Now and then a line with epoch, step, mean loss and the time that is left."""
        now = time.monotonic()
        if now - self.spoken >= SPEAK_S:
            self.spoken = now
            LOGGER.info(
                "Epoch %d of %d, step %d of %d, loss %.4f, %s left",
                progress.epoch + 1, self.settings.epochs, progress.step, self.steps,
                progress.loss_sum / progress.step, self._left(progress),
            )  # fmt: skip

    def tell(self, row: dict[str, float]) -> None:
        """The figures of an epoch, and the time so far."""
        LOGGER.info(
            "Epoch %d of %d: loss %.4f, held-out loss %.4f; embeddings: spread %.3f, mean cosine "
            "%.3f, effective rank %.1f; %s so far",
            row["epoch"], self.settings.epochs, row["loss"], row["held_out_loss"], row["std"],
            row["cosine"], row["rank"], duration(time.monotonic() - self.start),
        )  # fmt: skip

    def checkpoint_due(self) -> bool:
        """Whether the last checkpoint is older than the setting allows; asks and restarts."""
        due = time.monotonic() - self.saved >= self.settings.checkpoint_minutes * 60
        if due:
            self.saved = time.monotonic()
        return due

    def _left(self, progress: Progress) -> str:
        done = progress.epoch * self.steps + progress.step
        total = self.settings.epochs * self.steps
        return remaining(time.monotonic() - self.start, done - self.first, total - self.first)
