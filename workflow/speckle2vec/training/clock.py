"""How far a training is, for a person and for when checkpoints are due; no product sees it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from speckle2vec.progress import LOGGER, duration, remaining
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.checkpoints import Progress

SPEAK_S = 10.0


@dataclass
class Clock:
    """The time a training takes."""

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

    def tell(self, row: Mapping[str, float]) -> None:
        """The figures of an epoch, and the time so far."""
        LOGGER.info(
            "Epoch %d of %d: loss %.4f, held-out loss %.4f%s; %s so far",
            row["epoch"], self.settings.epochs, row["loss"], row["held_out_loss"], _health(row),
            duration(time.monotonic() - self.start),
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


def _health(row: Mapping[str, float]) -> str:
    """Health of the embeddings for a person; empty where it is not measured."""
    if "rank" not in row:
        return ""
    return (
        f"; embeddings: spread {row['std']:.3f}, mean cosine {row['cosine']:.3f}, effective rank "
        f"{row['rank']:.1f}"
    )
