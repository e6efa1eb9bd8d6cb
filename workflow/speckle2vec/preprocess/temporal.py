"""Features over the dates of a sample (report, 3.4), and the order of the dates."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


def temporal_features(images: Sequence[FloatArray], out: FloatArray) -> None:
    """Mean, standard deviation (population) and last minus first over the dates.

    Everything is counted from the first date: that keeps the digits of a variance that
    is small beside the level, and gives the difference for nothing.

    Args:
        images: One image (y, x) a date.
        out: Where the three maps go, (3, y, x).
    """
    mean, deviation, difference = out
    share = np.float32(1 / len(images))
    out.fill(0)
    for image in images[1:]:
        cv2.subtract(image, images[0], dst=difference)
        cv2.accumulate(difference, mean)
        cv2.accumulateSquare(difference, deviation)
    mean *= share
    deviation *= share
    deviation -= mean * mean
    np.maximum(deviation, 0, out=deviation)
    np.sqrt(deviation, out=deviation)
    mean += images[0]


def season_order(dates: Sequence[np.datetime64]) -> list[int]:
    """Positions of the dates sorted by meteorological season, Mar-May first, then date.

    Args:
        dates: Acquisition dates; none may be NaT.
    """
    months = [int(date.astype("datetime64[M]").astype(int)) % 12 for date in dates]
    seasons = [(month - 2) % 12 // 3 for month in months]
    return sorted(range(len(dates)), key=lambda position: (seasons[position], dates[position]))
