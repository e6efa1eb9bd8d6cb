"""Images of Earth Engine, told as items of STAC: all that follows reads those.

Names of properties are those of the catalogue's pages on COPERNICUS/S1_GRD and
COPERNICUS/S2_SR_HARMONIZED; untested against the live service.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from speckle2vec.corpus.earth_engine.service import VERSION
from speckle2vec.corpus.providers import Collection
from speckle2vec.products.candidates import RADAR

Fields = Mapping[str, Any]
_RINGS = ("LinearRing", "LineString")


def item_of(asset: Fields, collection: Collection) -> dict[str, Any]:
    """An image as an item of STAC 1.0.

    Args:
        asset: As `listImages` tells it.
        collection: Where it is from; names the bands that become assets.

    Returns:
        The item. Each band is an asset whose address is that of the image.
    """
    name, bands = str(asset["name"]), {one.get("id"): one for one in asset.get("bands") or ()}
    address = f"{collection.url.rstrip('/')}/{VERSION}/{name}"
    fields = asset.get("properties") or {}
    told = _radar(fields) if collection.role == RADAR else _optical(fields)
    told |= {"datetime": asset.get("startTime"), "updated": asset.get("updateTime")}
    return {
        "type": "Feature", "stac_version": "1.0.0", "stac_extensions": [],
        "id": name.rpartition("/")[2], "collection": collection.name,
        "geometry": _outline(asset.get("geometry")), "bbox": None,
        "properties": {key: value for key, value in told.items() if value is not None},
        "assets": {
            band: {"href": address, **_grid(bands[band].get("grid") or {})}
            for band in collection.assets.values() if band in bands
        },
        "links": [],
    }  # fmt: skip


def _radar(fields: Fields) -> dict[str, Any]:
    number = fields.get("platform_number")
    return {
        "platform": f"sentinel-1{number}".lower() if number else None,
        "sar:instrument_mode": fields.get("instrumentMode"),
        "sar:product_type": fields.get("productType"),
        "sar:polarizations": fields.get("transmitterReceiverPolarisation"),
        "sat:orbit_state": _lower(fields.get("orbitProperties_pass")),
        "sat:relative_orbit": _whole(fields.get("relativeOrbitNumber_start")),
        "s1:processing_datetime": _moment(fields.get("GRD_Post_Processing_start")),
    }


def _optical(fields: Fields) -> dict[str, Any]:
    return {
        "platform": _lower(fields.get("SPACECRAFT_NAME")),
        "sat:orbit_state": _lower(fields.get("SENSING_ORBIT_DIRECTION")),
        "sat:relative_orbit": _whole(fields.get("SENSING_ORBIT_NUMBER")),
        "s2:processing_baseline": fields.get("PROCESSING_BASELINE"),
        "s2:generation_time": _moment(fields.get("GENERATION_TIME")),
        "s2:mgrs_tile": fields.get("MGRS_TILE"),
        "eo:cloud_cover": fields.get("CLOUDY_PIXEL_PERCENTAGE"),
    }


def _grid(grid: Fields) -> dict[str, Any]:
    """CRS, shape and transform of a band; numbers that are 0 are left out by the service."""
    size, affine = grid.get("dimensions") or {}, grid.get("affineTransform") or {}
    names = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    return {
        "proj:code": grid.get("crsCode"),
        "proj:shape": [size.get("height", 0), size.get("width", 0)],
        "proj:transform": [float(affine.get(name, 0)) for name in names],
    }


def _outline(geometry: Fields | None) -> Fields | None:
    """The footprint; Earth Engine gives some as bare rings."""
    if geometry and geometry.get("type") in _RINGS:
        return {"type": "Polygon", "coordinates": [geometry.get("coordinates")]}
    return geometry


def _lower(text: object) -> str | None:
    return str(text).lower() if text else None


def _whole(number: object) -> int | None:
    return int(number) if isinstance(number, int | float) else None


def _moment(milliseconds: object) -> str | None:
    if not isinstance(milliseconds, int | float):
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()
