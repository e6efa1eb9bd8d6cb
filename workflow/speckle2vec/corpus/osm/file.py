"""Reading an OpenStreetMap extract: its extent, and the objects that can be features.

The file is read twice, whatever the number of samples: relations alone, since a
multipolygon must know its ways before they come, then everything once. Where nodes lie is
kept meanwhile (setting `osm.index`); of the rest only the ways of multipolygons, until
they are complete.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import osmium
import shapely

from speckle2vec.errors import UserError

Entity = osmium.osm.types.OSMEntity


@dataclass(frozen=True)
class Header:
    """What a file says of itself."""

    generator: str
    replicated: str
    """The moment of the data, where the file tells it."""
    extent: shapely.Geometry | None
    """Its bounding box, degrees, where it tells it."""


def read_header(path: Path) -> Header:
    """What a file says of itself.

    Raises:
        UserError: It is missing, no OpenStreetMap file, or one with the history of objects.
    """
    if not path.is_file():
        raise UserError(
            f"{path}: there is no such file; correct `osm.path`, or fetch an extract of your "
            "region, such as those of https://download.geofabrik.de."
        )
    with _told(path), osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        header = reader.header()
    if header.has_multiple_object_versions:
        raise UserError(
            f"{path}: holds the history of objects, not their state; make an extract of one "
            "moment, such as by `osmium time-filter`."
        )
    moment = header.get("osmosis_replication_timestamp")
    return Header(header.get("generator"), moment, _box(header.box()))


def extent_of_nodes(path: Path) -> shapely.Geometry:
    """The bounding box of all nodes, which takes a pass over the file.

    Raises:
        UserError: The file is damaged or holds no node.
    """
    west, south, east, north = math.inf, math.inf, -math.inf, -math.inf
    with _told(path):
        for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
            where = node.location  # type: ignore[union-attr]
            if where.valid():
                west, east = min(west, where.lon), max(east, where.lon)
                south, north = min(south, where.lat), max(north, where.lat)
    if west > east:
        raise UserError(f"{path}: holds no node, so nothing of it lies anywhere.")
    return shapely.box(west, south, east, north)


def read_objects(path: Path, keys: Sequence[str], index: str) -> Iterator[Entity]:
    """Nodes, ways, relations and areas that have one of some keys, in the file's order.

    An object is only good until the next is asked for.

    Args:
        path: The file.
        keys: An object without any of them is passed over.
        index: How libosmium keeps the positions of nodes, such as `flex_mem`.

    Raises:
        UserError: The file is incomplete or damaged.
    """
    processor = osmium.FileProcessor(str(path)).with_locations(index)
    processor.with_areas(osmium.filter.KeyFilter(*keys)).with_filter(osmium.filter.KeyFilter(*keys))
    with _told(path):
        yield from processor


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise UserError(
            f"{path}: cannot be read as OpenStreetMap data ({error}); it is incomplete, damaged or "
            "no .osm.pbf: fetch it again, or correct `osm.path`."
        ) from error


def _box(box: osmium.osm.Box) -> shapely.Geometry | None:
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return shapely.box(low.lon, low.lat, high.lon, high.lat)
