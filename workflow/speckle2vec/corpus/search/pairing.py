"""Choose the images of each place: pure functions over columns, no network, no disk.

The paper takes Sentinel-1 and -2 "only where the image acquisition dates are within 3 days
of each other" (section 2); SSL4EO-S12 takes four seasons (Wang et al. 2023).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.search.coverage import Hits, Patches, containing, patches_of
from speckle2vec.corpus.search.footprints import best_zone
from speckle2vec.corpus.search.images import Images
from speckle2vec.corpus.search.matches import Matches, match
from speckle2vec.corpus.search.overpasses import overpasses
from speckle2vec.corpus.search.seasons import SeasonSet, choose_seasons, seasons, what_lacks
from speckle2vec.settings.archive import Search

Integers = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
MINUTE_MS = 60_000


@dataclass(frozen=True)
class Choice:
    """The images of one place; none of them, and the reason, where a full set is not there."""

    snapshots: tuple[tuple[int, int], ...]
    """Positions of Sentinel-1 and Sentinel-2 images; -1 where Sentinel-2 is not asked."""
    reason: str = ""


@dataclass(frozen=True)
class _Option:
    """What one zone offers a place, and how good that is: less is better."""

    matches: Matches
    chosen: tuple[int, ...]
    rank: tuple[float, ...]


def choose(
    longitudes: FloatArray,
    latitudes: FloatArray,
    radar: Images,
    optical: Images | None,
    search: Search,
    size: int,
) -> Iterator[Choice]:
    """The images of every place, in the order of the places.

    All images of a place contain its patch, a square on the zone of its Sentinel-2 images
    (of Sentinel-1 where no others are asked); these are all on one zone. Of an overpass
    only the newest processing is looked at.

    Args:
        longitudes: Degrees, WGS 84, (place).
        latitudes: Degrees, WGS 84, (place).
        radar: Usable Sentinel-1 images.
        optical: Usable Sentinel-2 images; none where none are asked.
        search: What a sample is made of.
        size: Side of a patch, pixels of 10 m.
    """
    patches = patches_of(longitudes, latitudes, radar if optical is None else optical, size)
    radar_hits = containing(patches, radar, own_grid=optical is None)
    optical_hits = None if optical is None else containing(patches, optical, own_grid=True)
    bounds = np.searchsorted(patches.place, np.arange(len(longitudes) + 1)).tolist()
    for place, (start, stop) in enumerate(pairwise(bounds)):
        home = best_zone(longitudes[place], latitudes[place])
        of_place = _Place(radar, optical, radar_hits, optical_hits, patches, search, home)
        yield of_place.choose(range(start, stop))


@dataclass(frozen=True)
class _Place:
    """What there is to choose from."""

    radar: Images
    optical: Images | None
    radar_hits: Hits
    optical_hits: Hits | None
    patches: Patches
    search: Search
    home: int

    def choose(self, patches: range) -> Choice:
        matches = {patch: self._match(patch) for patch in patches}
        options = [self._option(patch, held) for patch, held in matches.items()]
        found = [option for option in options if option]
        if not found:
            return Choice((), self._reason(list(matches.values())))
        best = min(found, key=lambda option: option.rank)
        pairs = best.matches.radar, best.matches.optical
        return Choice(tuple((int(pairs[0][one]), int(pairs[1][one])) for one in best.chosen))

    def _match(self, patch: int) -> Matches:
        held = overpasses(self.radar, self.radar_hits.of(patch))
        if self.optical is None or self.optical_hits is None:
            return match(self.radar, held, None, held[:0], self.search.max_days)
        other = overpasses(self.optical, self.optical_hits.of(patch))
        return match(self.radar, held, self.optical, other, self.search.max_days)

    def _option(self, patch: int, matches: Matches) -> _Option | None:
        away = float(self.patches.epsg[patch] != self.home)
        if self.search.samples == "pair":
            return _pair(matches, away)
        found = choose_seasons(matches, self.radar, *_first_and_last(self.search))
        return _of_seasons(matches, found, away) if found else None

    def _reason(self, matches: list[Matches]) -> str:
        """Why there is no set, for a person; of several zones the one that offers most."""

        def offered(one: Matches) -> tuple[int, ...]:
            return int(one.complete.sum()), min(len(one.radar), one.others), len(one.radar)

        seen = max(matches, key=offered, default=None)
        if self.optical is not None and (seen is None or not seen.others):
            return "no usable image of Sentinel-2 contains the patch"
        if seen is None or not len(seen.radar):
            return "no usable image of Sentinel-1 contains the patch"
        if self.search.samples == "seasons":
            return what_lacks(seen, *_first_and_last(self.search), self.search.max_days)
        return f"no Sentinel-2 image within {self.search.max_days:g} days of Sentinel-1"


def _pair(matches: Matches, away: float) -> _Option | None:
    """The closest pair, to the minute; of two as close the earlier."""
    usable = np.flatnonzero(matches.complete)
    if not len(usable):
        return None
    minutes = matches.apart[usable] // MINUTE_MS
    at = int(usable[np.lexsort([matches.times[usable], minutes])[0]])
    rank = (float(minutes.min()), away, float(matches.times[at]))
    return _Option(matches, (at,), rank)


def _of_seasons(matches: Matches, found: SeasonSet, away: float) -> _Option:
    return _Option(matches, found.chosen, (away, float(found.off_ms)))


def _first_and_last(search: Search) -> tuple[int, int]:
    days = [search.start, search.end]
    first, last = seasons(np.array(days, "datetime64[ms]").astype(np.int64)).tolist()
    return first, last


def usable(images: Images, search: Search, most_cloud: float | None = None) -> Images:
    """The images that can be cut: none with a problem, or outside the period.

    Args:
        images: Images of one sensor.
        search: The period.
        most_cloud: Percent; images with more, or of unknown cloud, are left out.
    """
    kept = (images.problems == "") & _within(images.times, search.start, search.end)
    if most_cloud is not None:
        kept &= images.clouds <= most_cloud
    return taken(images, np.flatnonzero(kept))


def _within(times: Integers, start: date, end: date) -> npt.NDArray[np.bool_]:
    days = times.astype("datetime64[ms]").astype("datetime64[D]")
    return np.asarray((days >= np.datetime64(start)) & (days <= np.datetime64(end)))


def taken(images: Images, positions: Integers) -> Images:
    """Some of the images, in the order given."""
    held = {name: values[positions] for name, values in vars(images).items()}
    return replace(images, **held)
