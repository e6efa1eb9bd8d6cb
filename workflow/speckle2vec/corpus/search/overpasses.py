"""One image of every overpass: archives keep reprocessings and overlapping frames."""

import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.search.images import Images

Integers = npt.NDArray[np.int64]
TOGETHER_MS = 60_000
"""Images of one satellite nearer in time are of one overpass: frames follow within 25 s."""


def overpasses(images: Images, held: Integers) -> Integers:
    """The newest processing of each overpass, in the order of time; of two as new the lower id.

    Args:
        images: All images.
        held: Positions of those over one patch.
    """
    if len(held) == 0:
        return held
    platforms, ranks = images.platforms[held], images.ranks[held]
    times, made = images.times[held], images.made[held]
    order = np.lexsort([times, platforms])
    new = np.diff(platforms[order], prepend=-1) != 0
    new |= np.diff(times[order], prepend=times[order[0]]) > TOGETHER_MS
    group = np.empty(len(held), np.int64)
    group[order] = np.cumsum(new)
    ranked = np.lexsort([ranks, -made, group])
    first = ranked[np.diff(group[ranked], prepend=0) != 0]
    in_time = first[np.lexsort([ranks[first], times[first]])]
    return np.asarray(held[in_time])
