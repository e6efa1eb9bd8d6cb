"""Progress and remaining time, as lines that read well in a terminal and in a log."""

import logging
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
LOGGER = logging.getLogger("speckle2vec")


def track(items: Iterable[T], total: int, task: str, every_s: float = 10.0) -> Iterator[T]:
    """Pass items on, and say now and then how far it is and how long it will take.

    Args:
        items: What is worked on.
        total: How many items there are.
        task: What is done, such as `Preprocessing demo/train-000001`.
        every_s: Seconds between two lines; work shorter than that stays silent.
    """
    start = spoken = time.monotonic()
    for done, item in enumerate(items):
        now = time.monotonic()
        if done and now - spoken >= every_s:
            spoken = now
            left = remaining(now - start, done, total)
            LOGGER.info("%s: %d of %d, %s left", task, done, total, left)
        yield item


def remaining(elapsed_s: float, done: int, total: int) -> str:
    """The time left at the pace so far, for a person, such as `3 min 20 s`."""
    return duration(elapsed_s / max(done, 1) * (total - done))


def duration(seconds: float) -> str:
    """A length of time for a person, such as `2 h 5 min`, `3 min 20 s` or `4 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
