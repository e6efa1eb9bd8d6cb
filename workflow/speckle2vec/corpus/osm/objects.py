"""From the objects of an extract to features with a geometry, and what cannot become one."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import osmium
import shapely

from speckle2vec.corpus.osm.file import Entity
from speckle2vec.corpus.osm.tags import Matcher, Shape

_RING = 4
_AREA_RELATIONS = ("multipolygon", "boundary")


@dataclass(frozen=True)
class Feature:
    """An object that is of some class."""

    kind: str
    """`node`, `way` or `relation`."""
    number: int
    version: int
    tags: dict[str, str]
    classes: tuple[tuple[str, str], ...]
    """Theme and class of each."""
    wkb: str | bytes
    """Its geometry, degrees; hexadecimal as libosmium writes it."""


@dataclass
class Objects:
    """Makes features, and counts what cannot be closed or placed."""

    matcher: Matcher
    cut_lines: int = 0
    """Lines of which some nodes are missing: what is left of them is kept."""
    lost_lines: int = 0
    """Lines of which less than two neighbouring nodes are there."""
    _factory: osmium.geom.WKBFactory = field(default_factory=osmium.geom.WKBFactory)
    _open: dict[str, set[int]] = field(default_factory=lambda: {"way": set(), "relation": set()})
    """What should be an area, and has not come as one yet."""
    _closed: set[int] = field(default_factory=set)
    """Relations that came as areas, before themselves or after."""

    def features(self, entities: Iterable[Entity]) -> Iterator[Feature]:
        """The features among objects, in their order."""
        for entity in entities:
            if isinstance(entity, osmium.osm.Node):
                yield from self._node(entity)
            elif isinstance(entity, osmium.osm.Way):
                yield from self._way(entity)
            elif isinstance(entity, osmium.osm.Area):
                yield from self._area(entity)
            elif isinstance(entity, osmium.osm.Relation):
                self._relation(entity)

    def unclosed(self) -> dict[str, list[int]]:
        """Numbers of the ways and relations that should be areas and are not, sorted.

        Their rings are broken or cross themselves, or parts of them lie outside the extract.
        """
        relations = self._open["relation"] - self._closed
        return {"way": sorted(self._open["way"]), "relation": sorted(relations)}

    def _node(self, node: osmium.osm.Node) -> Iterator[Feature]:
        tags = dict(node.tags)
        classes = self.matcher.match(tags, "node")
        if classes and node.location.valid():
            wkb = self._factory.create_point(node)
            yield Feature("node", node.id, node.version, tags, classes, wkb)

    def _way(self, way: osmium.osm.Way) -> Iterator[Feature]:
        tags = dict(way.tags)
        closed = way.is_closed() and len(way.nodes) >= _RING
        if closed and self.matcher.match(tags, "area of a way"):
            self._open["way"].add(way.id)
        classes = self.matcher.match(tags, "closed way" if closed else "open way")
        wkb = self._line(way) if classes else None
        if wkb is not None:
            yield Feature("way", way.id, way.version, tags, classes, wkb)

    def _area(self, area: osmium.osm.Area) -> Iterator[Feature]:
        tags, of_way = dict(area.tags), area.from_way()
        shape: Shape = "area of a way" if of_way else "area of a relation"
        number = area.orig_id()
        classes = self.matcher.match(tags, shape)
        if area.num_rings()[0] == 0:
            return
        if of_way:
            self._open["way"].discard(number)
        else:
            self._closed.add(number)
        if classes:
            wkb, kind = self._factory.create_multipolygon(area), "way" if of_way else "relation"
            yield Feature(kind, number, area.version, tags, classes, wkb)

    def _relation(self, relation: osmium.osm.Relation) -> None:
        tags = dict(relation.tags)
        wanted = tags.get("type") in _AREA_RELATIONS
        if wanted and self.matcher.match(tags, "area of a relation"):
            self._open["relation"].add(relation.id)

    def _line(self, way: osmium.osm.Way) -> str | bytes | None:
        # libosmium passes over missing nodes at the beginning, and refuses those further on.
        with suppress(osmium.InvalidLocationError, RuntimeError):
            if len(way.nodes) and way.nodes[0].location.valid():
                return self._factory.create_linestring(way)
        pieces = [run for run in _runs(way) if len(run) > 1]
        if not pieces:
            self.lost_lines += 1
            return None
        self.cut_lines += 1
        return shapely.to_wkb(shapely.MultiLineString(pieces))


def _runs(way: osmium.osm.Way) -> list[list[tuple[float, float]]]:
    """Neighbouring nodes of a way whose places are known; a repeated place counts once."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if not node.location.valid():
            runs.append([])
        elif not runs[-1] or runs[-1][-1] != (node.lon, node.lat):
            runs[-1].append((node.lon, node.lat))
    return runs
