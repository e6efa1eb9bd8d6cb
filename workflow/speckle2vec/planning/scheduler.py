"""What Snakemake's scheduler does too often, mended while it runs."""

import time
from collections.abc import Callable

LOOK_AGAIN = "_schedule_reevalutation"
"""Snakemake's method that has it look for jobs once more after a while; so it is spelled there."""


def look_once_at_a_time(scheduler: object) -> None:
    """Let a scheduler have one look ahead of it, and not one for every job that has ended.

    Where job starts are limited, as they are by default, Snakemake (9.27) orders the next look a
    second later whenever it has looked, and it looks whenever a job ends: so after n jobs it looks
    n times a second, each time at the sizes of all inputs of the jobs that could start. After
    70 jobs that took half a core.

    Args:
        scheduler: `workflow.scheduler`; one without such a method is left as it is.
    """
    look_again = getattr(scheduler, LOOK_AGAIN, None)
    if look_again is not None:
        setattr(scheduler, LOOK_AGAIN, one_at_a_time(look_again))


def one_at_a_time(
    order: Callable[[float], None], now: Callable[[], float] = time.monotonic
) -> Callable[[float], None]:
    """Orders for later, of which those are dropped that come before the last one is due.

    Args:
        order: Takes a delay in seconds.
        now: The time in seconds.
    """
    due = now()

    def ordered(delay: float) -> None:
        nonlocal due
        if now() >= due:
            due = now() + delay
            order(delay)

    return ordered
