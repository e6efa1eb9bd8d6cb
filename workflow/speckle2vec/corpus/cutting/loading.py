"""One image of an archive on the grid of a patch."""

import json
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import odc.stac
import rasterio
import rasterio.errors
from odc.geo.geobox import GeoBox
from pystac import Asset, Item, MediaType

from speckle2vec.corpus.cutting.signing import signer
from speckle2vec.corpus.providers import SCENE_CLASSES, Collection
from speckle2vec.corpus.troubles import UnusableError, told
from speckle2vec.products.candidates import RADAR
from speckle2vec.settings.archive import Provider

Arrays = dict[str, npt.NDArray[Any]]
_REQUESTS: dict[str, str | int | float] = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_INGESTED_BYTES_AT_OPEN": 32_768,
    "GDAL_HTTP_MULTIPLEX": "YES",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
    "GDAL_HTTP_CONNECTTIMEOUT": 20,
    "GDAL_HTTP_TIMEOUT": 120,
    "GDAL_CACHEMAX": 64,
}
# Said of arrays in memory, which have none.
warnings.filterwarnings("ignore", category=rasterio.errors.NotGeoreferencedWarning)
_AWS = ("AWS_NO_SIGN_REQUEST", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_REQUEST_PAYER")
_COLLECTION = "images"
_SHORTEST_S = 0.01  # without a pause GDAL tries nothing again
_NOT_KEPT = "/vsicurl/http:/vsis3/:/vsiaz/:/vsigs/"


@contextmanager
def environment(provider: Provider, again: bool = False) -> Iterator[None]:
    """How images are asked for in this thread; `GDAL_*` of the environment wins.

    Args:
        provider: How often and after which pause a request is tried again that is answered
            by 429 or 5xx.
        again: The image was tried before. A refusal is remembered by GDAL for as long as the
            process lives, so what it remembers is passed over.
    """
    # Signed addresses stand in the messages of these libraries.
    for name in ("odc.loader", "odc.stac", "rasterio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    retries = {"GDAL_HTTP_MAX_RETRY": provider.attempts - 1,
               "GDAL_HTTP_RETRY_DELAY": max(provider.pause_s, _SHORTEST_S)}  # fmt: skip
    options = {**_REQUESTS, **retries}
    chosen = {name: value for name, value in options.items() if name not in os.environ}
    if not any(name in os.environ for name in _AWS):
        chosen["AWS_NO_SIGN_REQUEST"] = "YES"
    if again:
        chosen["CPL_VSIL_CURL_NON_CACHED"] = _NOT_KEPT
    with rasterio.Env(**chosen):
        yield


def load_image(stac: str, collection: Collection, bands: Sequence[str], grid: GeoBox) -> Arrays:
    """Read bands of an image on the grid of a patch, as the archive stores its numbers.

    Pixels that lie on those of the grid are copied, others bilinear; classes are nearest.
    Where an item says that its files lie is not asked: files say it themselves, and items
    are known that say it wrongly.

    Args:
        stac: The item as JSON, its addresses unsigned.
        collection: Which assets hold the bands, and how they are signed.
        bands: Names of the bands, such as `VV` or `B02`; `SCL` holds classes and is left out
            where there is none.
        grid: Of the patch.

    Returns:
        An array (y, x) for each band: float32 of Sentinel-1, `collection.nodata` where
        nothing is known; int32 of Sentinel-2, 0 where nothing is known.

    Raises:
        UnusableError: An asset is missing, or has no grid.
        TemporaryError: It cannot be read now.
        UserError: The archive does not hand it out.
    """
    found = Item.from_dict(json.loads(stac), preserve_dict=False)
    sign = signer(collection)
    hrefs = {band: sign(href) for band, href in _addresses(found, collection, bands).items()}
    for band, href in hrefs.items():
        _check(href, f"{band} of {found.id}")
    arrays = _read(found, hrefs, collection, grid)
    if collection.role == RADAR:
        return arrays
    return {
        band: values if band == SCENE_CLASSES else np.where(values == collection.nodata, 0, values)
        for band, values in arrays.items()
    }


def _read(found: Item, hrefs: Mapping[str, str], collection: Collection, grid: GeoBox) -> Arrays:
    kind = "float32" if collection.role == RADAR else "int32"
    numbers = {"data_type": kind, "nodata": collection.nodata}
    classes = {"data_type": "uint16", "nodata": 0}
    item = _bare(found, hrefs, grid)
    try:
        data = odc.stac.load(
            [item], bands=list(hrefs), geobox=grid, fail_on_error=True,
            resampling={"*": "bilinear", SCENE_CLASSES: "nearest"},
            stac_cfg={_COLLECTION: {"assets": {"*": numbers, SCENE_CLASSES: classes}}},
        )  # fmt: skip
    except (rasterio.errors.RasterioError, OSError) as error:
        raise told(error, f"A band of {found.id}") from None
    return {band: np.asarray(data[band].values[0]) for band in hrefs}


def _addresses(item: Item, collection: Collection, bands: Sequence[str]) -> dict[str, str]:
    """Where the bands are, unsigned."""
    names = {band: collection.assets[band] for band in bands if band in collection.assets}
    if names.get(SCENE_CLASSES) not in item.assets:
        names.pop(SCENE_CLASSES, None)
    missing = [name for name in names.values() if name not in item.assets]
    if missing:
        there = ", ".join(item.assets) or "none"
        raise UnusableError(f"{item.id} has no asset {', '.join(missing)}; it has {there}")
    return {band: item.assets[name].href for band, name in names.items()}


def _check(href: str, image: str) -> None:
    """See that a file is there and has a grid of its own."""
    try:
        with rasterio.open(href, sharing=False) as file:
            placed, points = file.crs is not None and not file.transform.is_identity, file.gcps[0]
    except (rasterio.errors.RasterioError, OSError) as error:
        raise told(error, image) from None
    if not placed and points:
        raise UnusableError(
            f"{image} has {len(points)} ground control points instead of a grid: it is not "
            "terrain-corrected"
        )
    if not placed:
        raise UnusableError(f"{image} has no coordinate system")


def _bare(item: Item, hrefs: Mapping[str, str], grid: GeoBox) -> Item:
    """An item with the bands as assets and the patch as footprint: nothing to mistrust."""
    around = grid.geographic_extent
    bare = Item(item.id, around.json, list(around.boundingbox.bbox), item.datetime, {},
                collection=_COLLECTION)  # fmt: skip
    for band, href in hrefs.items():
        bare.add_asset(band, Asset(href, media_type=MediaType.COG, roles=["data"]))
    return bare
