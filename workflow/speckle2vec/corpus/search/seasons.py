"""Four snapshots of four seasons in a row."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.search.images import Images
from speckle2vec.corpus.search.matches import Matches

Integers = npt.NDArray[np.int64]
IN_A_SET = 4
MONTHS = ("Dec-Feb", "Mar-May", "Jun-Aug", "Sep-Nov")


@dataclass(frozen=True)
class SeasonSet:
    """Positions in the matches of a patch, one a season."""

    chosen: tuple[int, ...]
    off_ms: int
    """Sum of their distances from the middles of their seasons."""


def seasons(times_ms: Integers) -> Integers:
    """Meteorological seasons: 0 ends with February 1970, 1 begins with March 1970."""
    months = times_ms.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    return np.asarray((months + 1) // 3)


def middles(numbers: Integers) -> Integers:
    """The middle of each season, milliseconds since 1970."""
    edges = [(3 * numbers + by).astype("datetime64[M]") for by in (-1, 2)]
    start, stop = (edge.astype("datetime64[ms]").astype(np.int64) for edge in edges)
    return np.asarray((start + stop) // 2)


def choose_seasons(matches: Matches, radar: Images, first: int, last: int) -> SeasonSet | None:
    """The four images nearest the middles of four seasons in a row.

    All are of one relative orbit and direction where any such set is complete, so that the
    angle of view does not change between seasons; else of any.

    Args:
        matches: Sentinel-1 images of the patch with their Sentinel-2 images.
        radar: All Sentinel-1 images.
        first: First season that counts, as in `seasons`.
        last: Last season that counts.

    Returns:
        The set that lies nearest the middles; of two as near the earlier. None where no
        four seasons in a row are complete.
    """
    usable = np.flatnonzero(matches.complete)
    orbits = radar.orbits[matches.radar[usable]]
    tracks = [usable[orbits == one] for one in sorted(set(orbits)) if one]
    alike = [_best(matches, track, first, last) for track in tracks]
    complete = [one for one in alike if one] or [
        one for one in [_best(matches, usable, first, last)] if one
    ]
    return min(complete, key=lambda one: (one.off_ms, one.chosen), default=None)


def _best(matches: Matches, usable: Integers, first: int, last: int) -> SeasonSet | None:
    """The best set of some images."""
    numbers = seasons(matches.times[usable])
    off = np.abs(matches.times[usable] - middles(numbers))
    nearest: dict[int, tuple[int, int]] = {}
    for position, season, distance in zip(
        usable.tolist(), numbers.tolist(), off.tolist(), strict=True
    ):
        nearest[season] = min(nearest.get(season, (distance, position)), (distance, position))
    sets = []
    for start in range(first, last - IN_A_SET + 2):
        held = [nearest[one] for one in range(start, start + IN_A_SET) if one in nearest]
        if len(held) == IN_A_SET:
            distances, chosen = zip(*held, strict=True)
            sets.append(SeasonSet(chosen, sum(distances)))
    return min(sets, key=lambda one: (one.off_ms, one.chosen), default=None)


def what_lacks(matches: Matches, first: int, last: int, max_days: float) -> str:
    """Which seasons lack what, of the four in a row that have most; for a person."""
    numbers = seasons(matches.times)
    taken, complete = set(numbers.tolist()), set(numbers[matches.complete].tolist())
    starts = range(first, last - IN_A_SET + 2)
    start = max(starts, key=lambda one: len(complete & set(range(one, one + IN_A_SET))))
    lacks = [
        f"{MONTHS[season % 4]} {_year(season)} lacks Sentinel-"
        + (f"2 within {max_days:g} days of Sentinel-1" if season in taken else "1")
        for season in range(start, start + IN_A_SET)
        if season not in complete
    ]
    return "; ".join(lacks)


def _year(season: int) -> int:
    """The year of a season's last month."""
    return 1970 + season // 4
