"""From the tags of an OpenStreetMap object to its classes, and to what it is: line or area."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from speckle2vec.settings.osm_classes import OsmClass

Shape = Literal["node", "open way", "closed way", "area of a way", "area of a relation"]
_ANY = "*"
_REMEMBERED = 65_536


@dataclass(frozen=True)
class _Rule:
    """One way to be of a class."""

    rank: int
    theme: str
    name: str
    forms: frozenset[str]
    others: tuple[tuple[str, frozenset[str]], ...]
    """Keys and values that are needed beside the first."""

    def fits(self, tags: Mapping[str, str]) -> bool:
        """Whether the other tags are there."""
        return all(
            key in tags and (tags[key] in values or (_ANY in values and tags[key] != "no"))
            for key, values in self.others
        )


class Matcher:
    """Classes by tags: of each theme the first in the table whose tags and form fit."""

    def __init__(self, table: Mapping[str, OsmClass]) -> None:
        self._rules: dict[tuple[str, str], list[_Rule]] = {}
        for rank, (name, one) in enumerate(table.items()):
            for text in one.tags:
                self._add(rank, name, one, text)
        self.keys = tuple(sorted({key for key, _ in self._rules}))
        """Keys that can make a class; an object without one of them is no feature."""
        rules = [rule for rules in self._rules.values() for rule in rules]
        self._counting = {"area", *self.keys, *(key for rule in rules for key, _ in rule.others)}
        self._remembered = lru_cache(_REMEMBERED)(self._match)  # most objects are tagged alike

    def match(self, tags: Mapping[str, str], shape: Shape) -> tuple[tuple[str, str], ...]:
        """Theme and class of an object, one a theme, in the order of the table.

        Which form an object has is told by its tags, as OpenStreetMap has it (wiki: Area,
        Multipolygon): a multipolygon relation is an area. So is a closed way of a class
        that can be an area, unless it says `area=no`; of a class that is only an area where
        marked so, if it says `area=yes`. Any other closed way is a line, as open ways are.

        Args:
            tags: Keys and values.
            shape: What the object is; a closed way is asked for twice, as a way and as the
                area made of it, and each of its tags makes it one of both at most.
        """
        told = tuple(pair for pair in tags.items() if pair[0] in self._counting)
        return self._remembered(told, shape) if told else ()

    def _match(
        self, told: tuple[tuple[str, str], ...], shape: Shape
    ) -> tuple[tuple[str, str], ...]:
        tags = dict(told)
        best: dict[str, _Rule] = {}
        for key, value in told:
            for rule in self._candidates(key, value):
                known = best.get(rule.theme)
                earlier = known is None or rule.rank < known.rank
                formed = earlier and _has_form(rule.forms, shape, tags.get("area", ""))
                if formed and rule.fits(tags):
                    best[rule.theme] = rule
        return tuple((rule.theme, rule.name) for rule in sorted(best.values(), key=_rank))

    def _candidates(self, key: str, value: str) -> list[_Rule]:
        found = self._rules.get((key, value), [])
        wild = self._rules.get((key, _ANY), []) if value != "no" else []
        return found + wild if wild else found

    def _add(self, rank: int, name: str, one: OsmClass, text: str) -> None:
        first, *others = (_condition(part) for part in text.split(" + "))
        rule = _Rule(rank, one.theme, name, frozenset(one.forms), tuple(others))
        for value in first[1]:
            self._rules.setdefault((first[0], value), []).append(rule)


def under_ground(tags: Mapping[str, str]) -> bool:
    """Whether nothing of an object can be seen from above: tunnels, culverts, buried lines."""
    return tags.get("tunnel", "no") not in ("no", "building_passage") or (
        tags.get("location") in ("underground", "indoor") or tags.get("indoor") == "yes"
    )


def _rank(rule: _Rule) -> int:
    return rule.rank


def _condition(text: str) -> tuple[str, frozenset[str]]:
    key, _, values = text.strip().partition("=")
    return key.strip(), frozenset(value.strip() for value in values.split("|"))


def _has_form(forms: frozenset[str], shape: Shape, marked: str) -> bool:
    if shape == "node":
        return "point" in forms
    if shape == "open way":
        return "line" in forms
    if shape == "area of a relation":
        return bool(forms & {"area", "marked-area"})
    area = ("area" in forms and marked != "no") or ("marked-area" in forms and marked == "yes")
    return area if shape == "area of a way" else "line" in forms and not area
