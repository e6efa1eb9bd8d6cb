"""STAC items as archives give them, made up: tiles of Sentinel-2 and scenes of Sentinel-1."""

import numpy as np
import shapely
from pyproj import Transformer

PROJECTION = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"
OPTICAL = [f"B{number:02d}" for number in (1, 2, 3, 4, 5, 6, 7, 8)] + ["B8A", "B09", "B11", "B12"]


def ring_of(epsg, west, south, east, north, steps=4):
    """The outline of a box of a zone, in degrees, its edges in pieces."""
    box = shapely.segmentize(shapely.box(west, south, east, north), (east - west) / steps)
    back = Transformer.from_crs(epsg, 4326, always_xy=True)
    return shapely.transform(box, back.transform, interleaved=False)


def item(name, collection, epsg, box, when, properties, assets):
    west, south, east, north = box
    outline = ring_of(epsg, *box)
    grid = {
        "proj:code": f"EPSG:{epsg}",
        "proj:shape": [int((north - south) / 10), int((east - west) / 10)],
        "proj:transform": [10.0, 0.0, west, 0.0, -10.0, north],
    }
    return {
        "type": "Feature", "stac_version": "1.1.0", "stac_extensions": [PROJECTION],
        "id": name, "collection": collection, "geometry": shapely.geometry.mapping(outline),
        "bbox": list(outline.bounds), "links": [],
        "properties": {"datetime": when, "created": "2024-01-01T00:00:00Z", **grid, **properties},
        "assets": {
            name: {"href": f"https://images.test/{name}.tif", "type": "image/tiff", **fields}
            for name, fields in assets.items()
        },
    }  # fmt: skip


def optical(name, when, epsg=32633, box=(300000, 5290200, 409800, 5400000), **properties):
    """A Sentinel-2 tile of Planetary Computer."""
    told = {"platform": "Sentinel-2A", "eo:cloud_cover": 10.0, "s2:processing_baseline": "03.00",
            "sat:orbit_state": "descending", "sat:relative_orbit": 65}  # fmt: skip
    assets = {band: {} for band in (*OPTICAL, "SCL")}
    return item(name, "sentinel-2-l2a", epsg, box, when, {**told, **properties}, assets)


def radar(name, when, epsg=32633, box=(250000, 5240000, 500000, 5420000), **properties):
    """A terrain-corrected Sentinel-1 scene of Planetary Computer."""
    told = {"platform": "SENTINEL-1A", "sar:instrument_mode": "IW", "sar:product_type": "GRD",
            "sar:polarizations": ["VV", "VH"], "sat:orbit_state": "ascending",
            "sat:relative_orbit": 44}  # fmt: skip
    bands = {"raster:bands": [{"nodata": -32768, "data_type": "float32"}]}
    return item(name, "sentinel-1-rtc", epsg, box, when, {**told, **properties},
                {"vv": bands, "vh": bands})  # fmt: skip


def year(hour=5, step=12, start="2021-01-03", make=radar, **properties):
    """One image every so many days of a year."""
    days = np.arange(np.datetime64(start), np.datetime64("2021-12-31"), step)
    return [make(f"{make.__name__}-{day}", f"{day}T{hour:02d}:00:00Z", **properties)
            for day in days]  # fmt: skip
