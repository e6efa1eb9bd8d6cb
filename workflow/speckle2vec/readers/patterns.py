"""What the names of a user's GeoTIFFs say: place, date and band."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from speckle2vec.errors import UserError
from speckle2vec.settings.corpora import GeotiffCorpus

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


def parse_names(root: str, names: Iterable[str], corpus: GeotiffCorpus) -> list[RasterFile]:
    """Read place, date and band from paths below the corpus's root.

    Names the pattern does not match, and bands the corpus does not declare, are passed
    over: a glob often finds masks and previews too.

    Raises:
        UserError: The pattern is no regular expression, lacks a group it needs, or a
            date is none.
    """
    pattern = _compile(corpus)
    matches = [(name, found) for name in names if (found := pattern.search(name))]
    files = [_parse(f"{root}/{name}", found.groupdict()) for name, found in matches]
    named = "band" in pattern.groupindex
    return [file for file in files if not named or file.band in corpus.bands.values()]


def safe(name: str) -> str:
    """A name as part of ids and file names: anything unusual becomes `_`."""
    return _UNSAFE.sub("_", name).lstrip(".") or "_"


def _compile(corpus: GeotiffCorpus) -> re.Pattern[str]:
    where = f"The pattern {corpus.pattern!r}"
    try:
        pattern = re.compile(corpus.pattern)
    except re.error as error:
        raise UserError(f"{where} is no valid regular expression: {error}.") from error
    groups = set(pattern.groupindex)
    if "place" not in groups:
        raise UserError(f"{where} names no place; write the part that does as (?P<place>...).")
    if "date" not in groups and corpus.dates > 1:
        raise UserError(
            f"{where} names no date but `dates` is {corpus.dates}; write the part that does as "
            "(?P<date>...), or set `dates` to 1."
        )
    _check_bands(where, "band" in groups, corpus.bands)
    return pattern


def _check_bands(where: str, named: bool, bands: Mapping[str, str | int]) -> None:
    if named and not all(isinstance(band, str) for band in bands.values()):
        raise UserError(
            f"{where} names a band, so `bands` must give the text it matches for VV and VH, "
            f"not numbers ({dict(bands)})."
        )
    if not named and not all(isinstance(band, int) and band >= 1 for band in bands.values()):
        raise UserError(
            f"{where} names no band, so `bands` must give the number (1, 2, ...) of VV and VH "
            f"in each file, not {dict(bands)}; or write the part that does as (?P<band>...)."
        )


def _parse(location: str, groups: Mapping[str, str | None]) -> RasterFile:
    date, place = groups.get("date"), groups.get("place")
    return RasterFile(
        location=location,
        place=safe(place or ""),
        date=_iso_date(location, date) if date else "",
        band=groups.get("band") or "",
    )


def _iso_date(location: str, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise UserError(
            f"{location}: its date reads {text!r}, which is not YYYYMMDD or YYYY-MM-DD; "
            "correct the group `date` of the pattern."
        ) from None
    timed = len(text) > len("2020-01-01")
    return moment.isoformat(timespec="seconds") if timed else moment.date().isoformat()
