"""A user's files as stacks of dates: which images make up which sample."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from speckle2vec.readers.base import POLARISATIONS
from speckle2vec.readers.patterns import RasterFile
from speckle2vec.settings.geotiff import GeotiffCorpus


class Image(NamedTuple):
    """One date and polarisation: a band of a file."""

    location: str
    band: int
    polarisation: str


class Stack(NamedTuple):
    """Consecutive dates of a place."""

    name: str
    """Place and first date, `{place}_{YYYYMMDD}`, with the time where the place has several
    dates on that day; the place alone without a date."""
    place: str
    dates: tuple[str, ...]
    """ISO dates, ascending; empty text where the names hold no date."""
    images: tuple[tuple[Image, ...], ...]
    """For each date VV and VH."""
    problem: str = ""


def stacks_of(files: Sequence[RasterFile], corpus: GeotiffCorpus) -> list[Stack]:
    """Cut each place's dates into consecutive groups that do not overlap.

    Nothing is lost: the dates left over at the end and every date with one polarisation
    only become stacks with a problem, in the place of their first date.

    Args:
        files: Parsed names of one shard.
        corpus: Says the bands and the dates a sample.
    """
    places: dict[str, dict[str, dict[str, Image]]] = {}
    for file in files:
        images = places.setdefault(file.place, {}).setdefault(file.date, {})
        images.update(_images(file, corpus))
    return [
        stack for place in sorted(places) for stack in _of_place(place, places[place], corpus.dates)
    ]


def _images(file: RasterFile, corpus: GeotiffCorpus) -> dict[str, Image]:
    if file.band:
        names = [name for name in POLARISATIONS if corpus.bands[name] == file.band]
        return {name: Image(file.location, 1, name) for name in names}
    return {name: Image(file.location, int(corpus.bands[name]), name) for name in POLARISATIONS}


def _of_place(place: str, dates: dict[str, dict[str, Image]], together: int) -> list[Stack]:
    whole = [date for date in sorted(dates) if len(dates[date]) == len(POLARISATIONS)]
    days = Counter(date[:10] for date in dates)
    groups = [whole[at : at + together] for at in range(0, len(whole), together)]
    alone = [[date] for date in sorted(dates) if date not in set(whole)]
    return [
        Stack(
            name=_name(place, group[0], days[group[0][:10]] > 1),
            place=place,
            dates=tuple(group),
            images=tuple(_ordered(dates[date]) for date in group),
            problem=_problem(place, group, dates, together),
        )
        for group in sorted(groups + alone)
    ]


def _ordered(images: dict[str, Image]) -> tuple[Image, ...]:
    return tuple(images[name] for name in POLARISATIONS if name in images)


def _problem(
    place: str, group: Sequence[str], dates: dict[str, dict[str, Image]], together: int
) -> str:
    have = dates[group[0]]
    if len(have) < len(POLARISATIONS):
        (name,) = have
        return f"{group[0] or place} has only {name}, in {have[name].location}"
    if len(group) < together:
        word = "date" if len(group) == 1 else "dates"
        return f"{len(group)} {word} left over after groups of {together}"
    return ""


def _name(place: str, date: str, timed: bool) -> str:
    """With the time where the place has another date on that day."""
    text = (date if timed else date[:10]).replace("-", "").replace(":", "")
    return f"{place}_{text}" if date else place
