"""The grid of a patch: pixels of 10 m around a place, its origin on whole 10 m."""

from functools import cache

from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import Transformer

PIXEL_M = 10.0


def patch_grid(longitude: float, latitude: float, epsg: int, size: int) -> GeoBox:
    """Square grid of `size` pixels of 10 m around a place, in a projected CRS in metres.

    Its origin lies on whole 10 m, as the pixels of Sentinel-2 do: images in the same CRS
    are then copied and not resampled.

    Args:
        longitude: Degrees, WGS 84.
        latitude: Degrees, WGS 84.
        epsg: EPSG code of the grid, usually a UTM zone.
        size: Pixels of a side.
    """
    x, y = _projection(epsg).transform(longitude, latitude)
    half = size * PIXEL_M / 2
    west, north = (round(edge / PIXEL_M) * PIXEL_M for edge in (x - half, y + half))
    return GeoBox((size, size), Affine(PIXEL_M, 0, west, 0, -PIXEL_M, north), f"EPSG:{epsg}")


@cache
def _projection(epsg: int) -> Transformer:
    return Transformer.from_crs(4326, epsg, always_xy=True)
