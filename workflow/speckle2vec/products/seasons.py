"""Dates as points on the circle of the year."""

import numpy as np
import numpy.typing as npt

YEAR_DAYS = 365.2425


def seasons_of(dates: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float32]:
    """Sine and cosine of the day of the year of the first and the last date, (sample, 4).

    Both have amplitude 1 and are 0 where a date is not known. First and last are what the
    temporal difference is taken between.

    Args:
        dates: (sample, date), in the order of the features; at least one date.
    """
    ends = dates[:, [0, -1]].astype("datetime64[D]")
    days = (ends - ends.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64)
    angles = 2 * np.pi * days / YEAR_DAYS
    seasons = np.stack([np.sin(angles), np.cos(angles)], axis=2)
    seasons[np.isnat(ends)] = 0
    return seasons.reshape(len(dates), 4).astype(np.float32)
