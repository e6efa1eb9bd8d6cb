"""Which Sentinel-2 image belongs to each Sentinel-1 image of one patch."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.search.images import Images

Integers = npt.NDArray[np.int64]
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Matches:
    """Sentinel-1 images of a patch in the order of time, and the closest Sentinel-2 to each."""

    radar: Integers
    """Positions among all Sentinel-1 images."""
    optical: Integers
    """Positions among all Sentinel-2 images; -1 where none is near enough, or none is asked."""
    times: Integers
    """Of the Sentinel-1 images, milliseconds since 1970."""
    apart: Integers
    """Milliseconds between the two; 0 where none is asked."""
    complete: npt.NDArray[np.bool_]
    """Whether what is asked is there."""
    others: int
    """Sentinel-2 images of the patch, near enough or not."""


def match(
    radar: Images, radar_held: Integers, optical: Images | None, held: Integers, max_days: float
) -> Matches:
    """Give every Sentinel-1 image the closest Sentinel-2 image; of two as close the earlier.

    Args:
        radar: All Sentinel-1 images.
        radar_held: Positions of those of the patch, in the order of time.
        optical: All Sentinel-2 images; none where none are asked.
        held: Positions of those of the patch, in the order of time.
        max_days: Most days between the two.
    """
    times = radar.times[radar_held]
    found, apart = np.full(len(times), -1), np.zeros(len(times), np.int64)
    if optical is None:
        return Matches(radar_held, found, times, apart, np.ones(len(times), bool), 0)
    if len(held) and len(times):
        between = np.abs(times[:, None] - optical.times[held][None, :])
        closest = between.argmin(axis=1)
        found, apart = held[closest], between[np.arange(len(times)), closest]
    near = (found >= 0) & (apart <= max_days * DAY_MS)
    return Matches(radar_held, np.where(near, found, -1), times, apart, near, len(held))
