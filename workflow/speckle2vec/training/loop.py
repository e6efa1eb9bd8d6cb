"""The one training engine, for every method and every encoder."""

import math
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import torch
from torch.nn.utils import get_total_norm
from torch.optim import Adam, Optimizer

from speckle2vec.progress import LOGGER
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.batches import batches, batches_per_epoch
from speckle2vec.training.checkpoints import Checkpoint, Progress
from speckle2vec.training.clock import Clock
from speckle2vec.training.curves import Curves
from speckle2vec.training.held_out import check_alive, measure
from speckle2vec.training.machine import near, precision, prepare
from speckle2vec.training.method import Batch, Method
from speckle2vec.training.ranks import average
from speckle2vec.training.samples import Samples
from speckle2vec.training.schedule import best_epoch, check_finite, is_over, marked, rate_at


def train(
    method: Method,
    samples: Samples,
    settings: Pretrain,
    seed: int,
    checkpoint: Checkpoint,
    curves: Path | None = None,
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
        curves: Folder of the curves for TensorBoard, if they are wanted.

    Returns:
        One row an epoch: `epoch`, `loss`, `held_out_loss`, `std`, `cosine`, `rank` (these
        three where the method is about embeddings) and `kept`, 1 for the epoch whose weights
        the method is left with, else 0; before them epoch 0, the untrained method, without
        `loss`.

    Raises:
        UserError: The loss is not finite, or the encoder has collapsed.
    """
    device = prepare(method, settings)
    method.attach(samples)
    if not method.learns:
        figures = measure(method, samples.held_out, settings, seed, device)
        return marked([{"epoch": 0, **figures}], 0)
    samples = near(samples, device)
    total = batches_per_epoch(len(samples.train), settings.batch_size)
    steps = math.ceil(total / settings.accumulate)
    optimizer = Adam(method.parameters(), lr=settings.learning_rate, fused=True)
    with torch.random.fork_rng():
        progress = checkpoint.restore(method, optimizer)
        if not progress.history:
            untrained = measure(method, samples.held_out, settings, seed, device)
            progress.history.append({"epoch": 0, **untrained})
        clock = Clock(settings, steps, progress)
        drawn = Curves(curves, progress.epoch * steps + progress.step)
        method.train()
        while not is_over(settings, progress.history):
            coming = batches(samples.train, settings, seed, progress, device)
            for step in range(progress.step, steps):
                done = progress.epoch * steps + step
                rate = rate_at(settings, done, settings.epochs * steps)
                count = min(settings.accumulate, total - step * settings.accumulate)
                several = islice(coming, count), count
                loss = take_step(method, optimizer, *several, rate, settings, progress)
                progress.loss_sum += loss
                progress.step += 1
                drawn.add(done + 1, {"step/loss": loss, "step/rate": rate})
                clock.speak(progress)
                if clock.checkpoint_due():
                    checkpoint.save(method, optimizer, progress)
            row = {"epoch": progress.epoch + 1, "loss": progress.loss_sum / progress.step}
            row |= measure(method, samples.held_out, settings, seed, device)
            if method.embeds:
                check_alive(row, progress.history[0], settings)
            clock.tell(row)
            figures = {f"epoch/{name}": row[name] for name in row if name != "epoch"}
            drawn.add((progress.epoch + 1) * steps, figures)
            progress = next_epoch(method, progress, row, settings)
            checkpoint.save(method, optimizer, progress)
        drawn.close()
    if not progress.best:
        return marked(progress.history, progress.epoch)
    kept = best_epoch(progress.history)
    method.load_state_dict(progress.best)
    LOGGER.info("The weights of epoch %d are kept.", kept)
    return marked(progress.history, kept)


def take_step(
    method: Method,
    optimizer: Optimizer,
    several: Iterable[Batch],
    count: int,
    rate: float,
    settings: Pretrain,
    progress: Progress,
) -> float:
    """One step of the optimiser on the mean of several batches' losses.

    Gives that mean as it was before the step, over all ranks.

    Raises:
        UserError: It is not finite, or its gradient is not; no weight has changed then.
    """
    optimizer.zero_grad()
    losses = []
    for batch in several:
        with precision(settings, batch.patches.device):
            loss = method(batch) / count
        loss.backward()
        losses.append(loss.detach().float())
    total = torch.stack(losses).sum()
    gradients = [p.grad for p in method.parameters() if p.grad is not None]
    average([total, *gradients])
    value, norm = torch.stack([total, get_total_norm(gradients)]).tolist()
    check_finite(value, norm, progress, settings.group)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    return float(value)


def next_epoch(
    method: Method, progress: Progress, row: dict[str, float], settings: Pretrain
) -> Progress:
    """The state at an epoch's end, with the best weights so far where they may be kept."""
    history = [*progress.history, row]
    best = progress.best
    if settings.patience and best_epoch(history) == row["epoch"]:
        best = {name: value.clone() for name, value in method.state_dict().items()}
    return Progress(progress.epoch + 1, history=history, best=best)
