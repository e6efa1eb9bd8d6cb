"""What the names of a user's GeoTIFFs say: place, date and band."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from speckle2vec.errors import UserError
from speckle2vec.settings.geotiff import GeotiffCorpus, OpticalFiles

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class RasterFile(NamedTuple):
    """One file of a stack."""

    location: str
    place: str
    """Made of letters, digits, `.`, `_` and `-` only."""
    date: str
    """ISO date, with the time where the name holds it; empty where there is no date."""
    band: str
    """What the group `band` matched; empty where the pattern names no band."""


def parse_names(
    root: str, names: Iterable[str], declared: GeotiffCorpus | OpticalFiles
) -> list[RasterFile]:
    """Read place, date and band from paths below a root.

    Names the pattern does not match, and bands that are not declared, are passed over: a
    glob often finds masks and previews too.

    Raises:
        UserError: The pattern is no regular expression, lacks a group it needs, or a
            date is none.
    """
    pattern = _compile(declared)
    matches = [(name, found) for name in names if (found := pattern.search(name))]
    files = [_parse(f"{root}/{name}", found.groupdict()) for name, found in matches]
    named = "band" in pattern.groupindex
    return [file for file in files if not named or file.band in declared.bands.values()]


def check_unique(files: Sequence[RasterFile]) -> None:
    """See that no two files claim the same place, date and band.

    Raises:
        UserError: Two do.
    """
    seen: dict[tuple[str, str, str], str] = {}
    for file in files:
        what = (file.place, file.date, file.band)
        if what in seen:
            raise UserError(
                f"{file.location}: has the same place, date and band as {seen[what]} "
                f"({' '.join(filter(None, what))}); narrow `files` or `pattern`, or let `place` "
                "or `date` hold what tells them apart."
            )
        seen[what] = file.location


def iso_date(location: str, text: str, source: str) -> str:
    """A date as ISO text, with the time in UTC where the text holds it.

    Args:
        location: The file, for the error.
        text: `YYYYMMDD`, `YYYY-MM-DD` or either with a time.
        source: Where the text comes from, for the error, such as `the group `date``.

    Raises:
        UserError: The text is no date.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise UserError(
            f"{location}: its date reads {text!r}, which is not YYYYMMDD or YYYY-MM-DD; "
            f"correct {source}."
        ) from None
    timed = len(text) > len("2020-01-01")
    return moment.isoformat(timespec="seconds") if timed else moment.date().isoformat()


def safe(name: str) -> str:
    """A name as part of ids and file names: anything unusual becomes `_`."""
    return _UNSAFE.sub("_", name).lstrip(".") or "_"


def _compile(declared: GeotiffCorpus | OpticalFiles) -> re.Pattern[str]:
    where = f"The pattern {declared.pattern!r}"
    try:
        pattern = re.compile(declared.pattern)
    except re.error as error:
        raise UserError(f"{where} is no valid regular expression: {error}.") from error
    groups = set(pattern.groupindex)
    if "place" not in groups:
        raise UserError(f"{where} names no place; write the part that does as (?P<place>...).")
    if "date" not in groups and declared.needs_date:
        raise UserError(f"{where} names no date {_why_dated(declared)}.")
    _check_bands(where, "band" in groups, declared.bands)
    return pattern


def _why_dated(declared: GeotiffCorpus | OpticalFiles) -> str:
    write = "write the part that does as (?P<date>...), name the `date_tag` of the files"
    if isinstance(declared, OpticalFiles):
        return f"and Sentinel-2 is paired by date; {write}, or set `undated` to true"
    return f"but `dates` is {declared.dates}; {write}, or set `dates` to 1"


def _check_bands(where: str, named: bool, bands: Mapping[str, str | int]) -> None:
    what = " and ".join([", ".join(list(bands)[:-1]), list(bands)[-1]])
    if named and not all(isinstance(band, str) for band in bands.values()):
        raise UserError(
            f"{where} names a band, so `bands` must give the text it matches for {what}, "
            f"not numbers ({dict(bands)})."
        )
    if not named and not all(isinstance(band, int) and band >= 1 for band in bands.values()):
        raise UserError(
            f"{where} names no band, so `bands` must give the number (1, 2, ...) of {what} "
            f"in each file, not {dict(bands)}; or write the part that does as (?P<band>...)."
        )


def _parse(location: str, groups: Mapping[str, str | None]) -> RasterFile:
    date, place = groups.get("date"), groups.get("place")
    return RasterFile(
        location=location,
        place=safe(place or ""),
        date=iso_date(location, date, "the group `date` of the pattern") if date else "",
        band=groups.get("band") or "",
    )
