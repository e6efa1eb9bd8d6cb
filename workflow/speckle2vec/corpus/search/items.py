"""What a STAC item says of its image: read there, never guessed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pyproj
import shapely

from speckle2vec.corpus.providers import Collection
from speckle2vec.corpus.search.footprints import footprint
from speckle2vec.corpus.search.item_grid import (
    EMPTY_BOUNDS,
    Bounds,
    grid_bounds,
    without_stale_grids,
)
from speckle2vec.corpus.search.item_offset import offset_of
from speckle2vec.corpus.unsigned import pruned
from speckle2vec.products.candidates import RADAR

Fields = Mapping[str, Any]
_TILES = ("s2:mgrs_tile", "grid:code", "sentinel:mgrs")
_MADE = ("s2:generation_time", "s1:processing_datetime", "processing:datetime", "created")
_DIGITS = 10
"""So many have no code, and no room in a table."""
GCP_ONLY = "has ground control points instead of a grid: take terrain-corrected images"


@dataclass(frozen=True)
class Image:
    """One image, as far as its choice needs; unusable ones keep the reason."""

    item: str
    """Id of the STAC item."""
    problem: str
    """Why it cannot be used, empty where it can."""
    time_ms: int
    """Acquisition, milliseconds since 1970, UTC."""
    platform: str
    orbit: str
    """Direction and relative number, such as `ascending 15`; empty where unknown."""
    tile: str
    """Tile of Sentinel-2, empty where not told."""
    baseline: str
    offset: int | None
    cloud: float | None
    epsg: int
    made_ms: int
    """When it was processed, or entered the archive; 0 where not told."""
    bounds: Bounds
    """West, south, east, north of its grid, metres; NaN where not told."""
    outline: bytes
    """Footprint in degrees, WKB; empty where there is none."""
    stac: str
    """The pruned item as JSON."""


def read_item(item: Fields, collection: Collection) -> Image:
    """What an item of a collection says; whatever it holds, this raises nothing.

    Args:
        item: As the archive gave it.
        collection: Where it is from.
    """
    kept = without_stale_grids(pruned(item, collection.assets))
    fields = kept["properties"]
    outline, time_ms, epsg = footprint(kept["geometry"]), moment(fields), _epsg(kept)
    radar = collection.role == RADAR
    return Image(
        item=str(item["id"]),
        problem=_problem(kept, collection, outline, time_ms, epsg),
        time_ms=time_ms or 0,
        platform=str(fields.get("platform") or "").lower(),
        orbit=_orbit(fields),
        tile=next((str(fields[name]) for name in _TILES if fields.get(name)), ""),
        baseline="" if radar else str(fields.get("s2:processing_baseline") or ""),
        offset=None if radar else offset_of(kept, collection),
        cloud=_number(fields.get("eo:cloud_cover")),
        epsg=epsg or 0,
        made_ms=next((made for name in _MADE if (made := _moment(fields.get(name)))), 0),
        bounds=grid_bounds(kept, list(collection.assets.values())) or EMPTY_BOUNDS,
        outline=shapely.to_wkb(outline) if outline else b"",
        stac=json.dumps(kept, separators=(",", ":"), sort_keys=True),
    )


def _problem(
    item: Fields,
    collection: Collection,
    outline: shapely.Geometry | None,
    time_ms: int | None,
    epsg: int | None,
) -> str:
    missing = [
        name for name in collection.required if collection.assets[name] not in item["assets"]
    ]
    if missing:
        return f"lacks {', '.join(missing)}"
    if collection.role == RADAR and item["properties"].get("sar:instrument_mode", "IW") != "IW":
        return "was not taken in interferometric wide swath mode"
    if epsg is None or not _in_metres(epsg):
        is_grd = collection.role == RADAR and item["properties"].get("sar:product_type") == "GRD"
        return GCP_ONLY if is_grd else "names no EPSG code of a grid in metres"
    if time_ms is None:
        return "has no date"
    return "" if outline else "has no valid outline"


def moment(fields: Fields) -> int | None:
    """When an image was taken, milliseconds since 1970, UTC; none where not told."""
    return _moment(fields.get("datetime")) or _moment(fields.get("start_datetime"))


def _moment(text: object) -> int | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def _epsg(item: Fields) -> int | None:
    """Code of the grid, told of the item or of all its assets alike."""
    told = [_code(item["properties"])]
    if told == [None]:
        told = [_code(asset) for asset in item["assets"].values()]
    return told[0] if len(set(told)) == 1 else None


def _code(fields: Fields) -> int | None:
    authority, _, code = str(fields.get("proj:code") or "").partition(":")
    text = code if authority == "EPSG" else str(fields.get("proj:epsg") or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS else None


@cache
def _in_metres(epsg: int) -> bool:
    try:
        crs = pyproj.CRS.from_epsg(epsg)
    except pyproj.exceptions.CRSError:
        return False
    return bool(crs.is_projected and crs.axis_info[0].unit_name == "metre")


def _orbit(fields: Fields) -> str:
    told = (fields.get("sat:orbit_state"), fields.get("sat:relative_orbit"))
    return " ".join(str(one) for one in told if one is not None)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
