"""Scenes with an analytic truth, as COGs and STAC items: what an archive would hold.

Level-2A granules of Sentinel-2 in two UTM zones and one RTC image of Sentinel-1 for each
zone and date, around 12 degrees east, where the zones meet. Every pixel is the truth at its
centre: smooth functions of longitude, latitude and date.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyproj
import rasterio
import shapely
from affine import Affine
from odc.geo.geobox import GeoBox

LONGITUDE, LATITUDE = 12.0, 48.05
SIZE_M = 3600
RESOLUTIONS = {
    "B01": 60, "B02": 10, "B03": 10, "B04": 10, "B05": 20, "B06": 20, "B07": 20, "B08": 10,
    "B8A": 20, "B09": 60, "B11": 20, "B12": 20, "SCL": 20,
}  # fmt: skip
NODATA = -32768.0
SHIFT_M = 3.7
"""Planetary Computer's RTC images lie on no common grid."""
CLOUDY, CIRRUS, SHADOW, VEGETATION = 9, 10, 3, 4


def reflectance(longitude, latitude, band: str, day: int) -> np.ndarray:
    """Surface reflectance, 0.03 to 0.5; differs by band and day."""
    number = list(RESOLUTIONS).index(band)
    wave = np.sin((longitude - LONGITUDE) * 200) * np.cos((latitude - LATITUDE) * 250)
    return 0.25 + 0.01 * number + 0.002 * day + 0.1 * wave


def gamma0_db(longitude, latitude, polarisation: str, day: int) -> np.ndarray:
    """Backscatter, dB."""
    level = {"vv": -12.0, "vh": -18.0}[polarisation] + 0.1 * day
    return level + 3 * np.sin((longitude - LONGITUDE) * 150 + (latitude - LATITUDE) * 100)


@dataclass(frozen=True)
class Pass:
    """One date: Sentinel-1 and, a day later, Sentinel-2."""

    when: datetime
    day: int
    """What the truth of the date depends on."""
    baseline: str = "03.00"


def passes(count: int, first: datetime = datetime(2021, 1, 15, 5, tzinfo=UTC)) -> list[Pass]:
    """Dates 91 days apart; every other one is of a baseline that adds 1000."""
    baselines = ("03.00", "05.09")
    return [
        Pass(first + timedelta(days=91 * turn), turn, baselines[turn % 2]) for turn in range(count)
    ]


def write_scenes(
    folder: Path, base: str, dates: Iterable[Pass], zones=(32632, 32633), optical: bool = True
) -> list[dict]:
    """Write COGs below a folder; their items, with addresses below `base`."""
    sensors = (_radar, _optical) if optical else (_radar,)
    return [write(folder, base, one, zone) for one in dates for zone in zones for write in sensors]


def extent(epsg: int, resolution: int, shift: float = 0.0) -> GeoBox:
    """Grid of a scene, its origin on whole 60 m."""
    x, y = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(LONGITUDE, LATITUDE)
    west = np.floor(x / 60) * 60 - SIZE_M / 2 + shift
    north = np.floor(y / 60) * 60 + SIZE_M / 2 + shift
    side = SIZE_M // resolution
    affine = Affine(resolution, 0, west, 0, -resolution, north)
    return GeoBox((side, side), affine, f"EPSG:{epsg}")


def lonlat(grid: GeoBox) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of the centres of all pixels, (y, x) each."""
    return _lonlat(grid.crs.epsg, tuple(grid.affine)[:6], grid.shape.y, grid.shape.x)


@cache
def _lonlat(epsg: int, affine: tuple, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    x, y = affine[0] * columns + affine[2], affine[4] * rows + affine[5]
    return pyproj.Transformer.from_crs(epsg, 4326, always_xy=True).transform(x, y)


def write_cog(path: Path, values: np.ndarray, grid: GeoBox, nodata: float | None, **more) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path, "w", driver="COG", height=grid.shape.y, width=grid.shape.x, count=1,
        dtype=values.dtype, crs=f"EPSG:{grid.crs.epsg}", transform=grid.affine, nodata=nodata,
        blocksize=256, compress="DEFLATE", **more,
    ) as file:  # fmt: skip
        file.write(values, 1)


def numbers(band: str, grid: GeoBox, one: Pass) -> np.ndarray:
    """What a Sentinel-2 file holds: reflectance x 10000, with 1000 added since 04.00."""
    values = reflectance(*lonlat(grid), band, one.day) * 10_000
    return np.rint(values + (1000 if one.baseline >= "04.00" else 0)).astype(np.uint16)


def scene_classes(grid: GeoBox) -> np.ndarray:
    """Stripes from north to south: vegetation, cloud, cirrus, shadow."""
    stripes = np.array([VEGETATION, CLOUDY, CIRRUS, SHADOW], np.uint8)
    rows = (np.arange(grid.shape.y) * grid.resolution.x // 300) % 4
    return np.repeat(stripes[rows.astype(int)][:, None], grid.shape.x, axis=1)


def _optical(folder: Path, base: str, one: Pass, zone: int) -> dict:
    name = f"S2A_{zone}_{one.when:%Y%m%d}"
    assets = {}
    for band, resolution in RESOLUTIONS.items():
        grid = extent(zone, resolution)
        values = scene_classes(grid) if band == "SCL" else numbers(band, grid, one)
        write_cog(folder / f"{name}_{band}.tif", values, grid, 0)
        assets[band] = _asset(f"{base}/{name}_{band}.tif", grid)
    properties = {
        "s2:processing_baseline": one.baseline, "eo:cloud_cover": 12.5, "sat:relative_orbit": 22,
        "platform": "sentinel-2a", "sat:orbit_state": "descending",
        "s2:mgrs_tile": "32UQU" if zone == 32632 else "33UTP",
    }  # fmt: skip
    when = one.when + timedelta(days=1)
    return _item(name, "sentinel-2-l2a", extent(zone, 10), when, properties, assets)


def _radar(folder: Path, base: str, one: Pass, zone: int) -> dict:
    name, grid = f"S1A_{zone}_{one.when:%Y%m%d}", extent(zone, 10, SHIFT_M)
    assets = {}
    for polarisation in ("vv", "vh"):
        values = 10 ** (gamma0_db(*lonlat(grid), polarisation, one.day) / 10)
        values = values.astype(np.float32)
        values[:20] = NODATA
        write_cog(folder / f"{name}_{polarisation}.tif", values, grid, None)
        assets[polarisation] = _asset(f"{base}/{name}_{polarisation}.tif", grid)
    properties = {
        "sar:instrument_mode": "IW", "sar:polarizations": ["VV", "VH"], "sar:product_type": "GRD",
        "sat:orbit_state": "ascending", "sat:relative_orbit": 15, "platform": "sentinel-1a",
    }  # fmt: skip
    return _item(name, "sentinel-1-rtc", grid, one.when, properties, assets)


def _asset(href: str, grid: GeoBox) -> dict:
    return {
        "href": href, "type": "image/tiff; application=geotiff; profile=cloud-optimized",
        "roles": ["data"], "proj:shape": list(grid.shape), "proj:transform": list(grid.affine)[:6],
    }  # fmt: skip


def _item(name: str, collection: str, grid: GeoBox, when, properties: dict, assets: dict) -> dict:
    outline = grid.geographic_extent.geom
    return {
        "type": "Feature", "stac_version": "1.0.0", "id": name, "collection": collection,
        "stac_extensions": ["https://stac-extensions.github.io/projection/v1.1.0/schema.json"],
        "geometry": json.loads(shapely.to_geojson(outline)), "bbox": list(outline.bounds),
        "properties": {"datetime": when.isoformat().replace("+00:00", "Z"),
                       "proj:epsg": grid.crs.epsg, **properties},
        "assets": assets, "links": [],
    }  # fmt: skip
