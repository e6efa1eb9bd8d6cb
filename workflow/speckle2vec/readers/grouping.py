"""Which places make up a shard, so that a new place leaves the shards of others alone."""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

WHOLE = "all"
_BITS = 256


def group_places(places: Iterable[str], most: int) -> dict[str, tuple[str, ...]]:
    """Put places into shards by their names alone, in no order of theirs.

    Every place has a number, the SHA-256 of its name. A shard holds the places whose numbers
    begin with the same binary digits, and has one digit more wherever it would hold more than
    `most` (Fagin et al. 1979, Extendible hashing). So a place that is added changes the one
    shard it falls into, or splits it; all others hold what they held. Shards are about
    seven tenths full.

    Args:
        places: Different names.
        most: Most places of a shard.

    Returns:
        Shard -> its places, both sorted. With one place a shard, its name is that of the
        place; else it is `places-` and the digits, or `places-all` where one shard holds all.
    """
    if most == 1:
        return {place: (place,) for place in sorted(places)}
    numbered = sorted((_digits(place), place) for place in places)
    groups = {
        f"places-{digits or WHOLE}": tuple(sorted(place for _, place in group))
        for digits, group in _split(numbered, "", most)
    }
    return dict(sorted(groups.items()))


def _digits(place: str) -> str:
    number = int.from_bytes(hashlib.sha256(place.encode()).digest())
    return f"{number:0{_BITS}b}"


def _split(
    numbered: Sequence[tuple[str, str]], digits: str, most: int
) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    """Places that are sorted by their digits, in groups, and the digits that each shares."""
    if not numbered:
        return
    if len(numbered) <= most:
        yield digits, numbered
        return
    middle = bisect_left(numbered, (f"{digits}1", ""))
    yield from _split(numbered[:middle], f"{digits}0", most)
    yield from _split(numbered[middle:], f"{digits}1", most)
