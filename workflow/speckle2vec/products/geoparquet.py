"""What a table of places says of its geometries."""

import json

import pyproj


def geo(*kinds: str) -> dict[bytes, bytes]:
    """Metadata of GeoParquet 1.1: a column `geometry` of WKB, degrees, WGS 84.

    Args:
        kinds: Types of geometry that occur, such as `Point`; any without.
    """
    crs = pyproj.CRS("EPSG:4326").to_json_dict()
    column = {"encoding": "WKB", "geometry_types": list(kinds), "crs": crs}
    metadata = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return {b"geo": json.dumps(metadata, sort_keys=True).encode()}
