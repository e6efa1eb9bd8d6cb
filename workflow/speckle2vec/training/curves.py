"""Curves for TensorBoard: for a person to look at, no product depends on them."""

import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.summary import scalar

from speckle2vec.progress import LOGGER
from speckle2vec.training.ranks import rank

FLUSH_S = 10.0


class Curves:
    """Event files of one training, in one folder; a resumed training goes on with them.

    Written without a thread of its own, so that a full disk ends the curves and nothing
    else. Only the first rank writes.

    Args:
        folder: Where to write; nothing is written where it is left out.
        done: Steps already done; what another run wrote of later steps is hidden.
    """

    def __init__(self, folder: Path | None, done: int) -> None:
        self._writer: EventsWriter | None = None
        self._flushed = time.monotonic()
        self._folder = folder
        if folder is not None and rank() == 0:
            self._try(self._open, folder, done)

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        """One point on each of several curves."""
        for name, value in figures.items():
            if self._writer and math.isfinite(value):
                self._try(self._write, Event(step=step, summary=scalar(name, value)))

    def close(self) -> None:
        """Write what is left."""
        if self._writer:
            self._try(self._writer.close)

    def _open(self, folder: Path, done: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._writer = EventsWriter(str(folder / "events"), f".{os.getpid()}.{time.time_ns()}")
        self._write(Event(step=done + 1, session_log=SessionLog(status=SessionLog.START)))

    def _write(self, event: Event) -> None:
        assert self._writer
        event.wall_time = time.time()
        self._writer.write_event(event)
        if time.monotonic() - self._flushed >= FLUSH_S:
            self._flushed = time.monotonic()
            self._writer.flush()

    def _try(self, action: Callable[..., object], *arguments: object) -> None:
        try:
            action(*arguments)
        except OSError as error:
            self._writer = None
            LOGGER.warning(
                "%s: the curves for TensorBoard could not be written (%s); the training goes on "
                "without them.", self._folder, error,
            )  # fmt: skip
