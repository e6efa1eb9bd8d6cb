"""Addresses and items without what opens doors: signatures, keys, passwords."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# What Azure, Amazon, Google and their likes put into a signed address.
_SIGNING = re.compile(
    r"^(s[iterpvr]|sig|sip|spr|ss|srt|sdd|saoid|suoid|scid|sk\w+|rs\w+|expires|policy|.*signature.*"
    r"|.*token.*|.*key.*|.*secret.*|.*password.*|.*auth.*|.*credential.*|.*accessid.*|x-amz-.*"
    r"|x-goog-.*)$",
    re.IGNORECASE,
)
_QUERY = re.compile(r"(?<=[^\s?'\"])\?[^\s'\")>]+")
_USER = re.compile(r"(?<=://)[^/@\s]*@")
_KEPT_PROPERTIES = (
    "datetime", "start_datetime", "end_datetime", "created", "updated", "platform",
    "constellation", "gsd", "proj:", "sar:instrument_mode", "sar:polarizations",
    "sar:product_type", "sat:orbit_state", "sat:relative_orbit", "s1:processing_datetime",
    "s1:orbit_source", "s2:processing_baseline", "s2:generation_time", "s2:mgrs_tile",
    "s2:product_uri", "s2:product_type", "eo:cloud_cover", "mgrs:", "grid:", "processing:",
    "raster:", "earthsearch:boa_offset_applied", "sentinel:mgrs", "sentinel:product_id",
    "nodata", "data_type", "unit",
)  # fmt: skip
_KEPT_OF_ASSETS = (
    "type", "roles", "gsd", "proj:", "raster:", "bands", "nodata", "data_type", "unit",
)  # fmt: skip


def unsigned(address: str) -> str:
    """An address without user, password, and the parameters that sign it."""
    parts = urlsplit(address)
    kept = [pair for pair in parse_qsl(parts.query, True) if not _SIGNING.match(pair[0])]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(kept), ""))


def without_queries(text: str) -> str:
    """A message in which no address has a query or a user any more."""
    return _USER.sub("", _QUERY.sub("", text))


def pruned(item: Mapping[str, Any], assets: Mapping[str, str]) -> dict[str, Any]:
    """A STAC item with what its reading needs, and nothing that opens doors.

    Args:
        item: The item as the archive gave it.
        assets: Asset of each band; those that the item lacks are left out.

    Returns:
        The item with these assets, unsigned; of properties and assets what tells time,
        place, grid and radiometry.
    """
    held = item.get("assets") or {}
    named = dict.fromkeys(name for name in assets.values() if "href" in (held.get(name) or {}))
    return {
        "type": "Feature",
        "stac_version": item.get("stac_version", "1.0.0"),
        "stac_extensions": [unsigned(one) for one in item.get("stac_extensions") or []],
        "id": item["id"],
        "collection": item.get("collection"),
        "geometry": item.get("geometry"),
        "bbox": item.get("bbox"),
        "properties": _kept(item.get("properties") or {}, _KEPT_PROPERTIES),
        "assets": {name: _asset(held[name]) for name in named},
        "links": [],
    }


def _asset(asset: Mapping[str, Any]) -> dict[str, Any]:
    return {"href": unsigned(str(asset["href"])), **_kept(asset, _KEPT_OF_ASSETS)}


def _kept(fields: Mapping[str, Any], prefixes: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name.startswith(prefixes)}
