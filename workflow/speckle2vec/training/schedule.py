"""The rate of each step, and when a training is over."""

import math
from collections.abc import Mapping, Sequence

from speckle2vec.errors import UserError
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.checkpoints import Progress

Rows = Sequence[Mapping[str, float]]


def rate_at(settings: Pretrain, done: int, total: int) -> float:
    """The rate of a step (Loshchilov and Hutter 2017, arXiv:1608.03983, without restarts).

    Args:
        settings: The first rate and the schedule.
        done: Steps before this one.
        total: Steps of the whole training.
    """
    if settings.schedule == "constant":
        return settings.learning_rate
    return settings.learning_rate * (1 + math.cos(math.pi * done / total)) / 2


def best_epoch(history: Rows) -> int:
    """The epoch of least held-out loss, the first of several; 0 before training."""
    trained = [row for row in history if row["epoch"] and math.isfinite(row["held_out_loss"])]
    return int(min(trained, key=lambda row: row["held_out_loss"])["epoch"]) if trained else 0


def is_over(settings: Pretrain, history: Rows) -> bool:
    """Whether all epochs are done, or `patience` of them without a lower held-out loss."""
    done = int(history[-1]["epoch"])
    waited = done - best_epoch(history)
    return done >= settings.epochs or bool(settings.patience and waited >= settings.patience)


def marked(history: Rows, kept: int) -> list[dict[str, float]]:
    """The history, each row with whether it is the epoch whose weights are kept."""
    return [{**row, "kept": int(row["epoch"] == kept)} for row in history]


def check_finite(loss: float, norm: float, progress: Progress, group: str) -> None:
    """Stop before a step that would ruin the weights.

    Raises:
        UserError: The loss, or the norm of its gradient, is not finite.
    """
    if math.isfinite(loss) and math.isfinite(norm):
        return
    told = f"loss is {loss}" if not math.isfinite(loss) else f"gradient of the loss is {norm}"
    raise UserError(
        f"The {told} in epoch {progress.epoch + 1}, step {progress.step + 1}; the last good "
        f"checkpoint is kept. Lower `{group}.learning_rate`, or use `float32` as "
        f"`{group}.precision`."
    )
