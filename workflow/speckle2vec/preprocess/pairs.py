"""Which Sentinel-2 image belongs to which Sentinel-1 image of a sample, by date."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

DAY = np.timedelta64(1, "D")


class Pair(NamedTuple):
    """One date of each satellite."""

    radar: int
    """Position among the dates of Sentinel-1."""
    optical: int
    """Position among the dates of Sentinel-2."""
    delay: float
    """Sentinel-2 less Sentinel-1, days; NaN where a date is not known."""


def pairs_by_delay(radar: Sequence[np.datetime64], optical: Sequence[np.datetime64]) -> list[Pair]:
    """All pairs of dates, the closest first, of equally close ones the earliest.

    Pairs of which a date is not known come last, in their stored order.
    """
    pairs = [
        Pair(first, second, delay_days(one, other))
        for first, one in enumerate(radar)
        for second, other in enumerate(optical)
    ]
    known = [pair for pair in pairs if not np.isnan(pair.delay)]
    known.sort(key=lambda pair: (abs(pair.delay), radar[pair.radar], optical[pair.optical]))
    return known + [pair for pair in pairs if np.isnan(pair.delay)]


def delay_days(radar: np.datetime64, optical: np.datetime64) -> float:
    """Sentinel-2 less Sentinel-1, days; NaN where one is not known.

    A moment at midnight is a date whose time is not known: both then count by their day.
    """
    if np.isnat(radar) or np.isnat(optical):
        return float("nan")
    if not (_timed(radar) and _timed(optical)):
        radar, optical = radar.astype("M8[D]"), optical.astype("M8[D]")
    return float((optical - radar) / DAY)


def _timed(moment: np.datetime64) -> bool:
    return bool(moment != moment.astype("datetime64[D]"))
