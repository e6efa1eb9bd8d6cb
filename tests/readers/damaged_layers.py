"""Vector files that open, and whose rows cannot be read."""

import numpy as np
import pyogrio
import shapely

ROWS = 3000
PAGE = 4096


def write_damaged(path, crs, side=1.0, kind="Polygon", **fields):
    """A GeoPackage of many squares in a row, with ten pages in its middle overwritten."""
    shapes = shapely.box(side * np.arange(ROWS), 0.0, side * np.arange(1, ROWS + 1), side)
    values = [np.array([value] * ROWS, dtype=object) for value in fields.values()]
    pyogrio.raw.write(
        path, shapely.to_wkb(shapes), values, list(fields), geometry_type=kind, crs=crs,
        layer_options={"SPATIAL_INDEX": "NO"},
    )  # fmt: skip
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2 // PAGE * PAGE
    whole[middle : middle + 10 * PAGE] = bytes(10 * PAGE)
    path.write_bytes(whole)
    return path
