"""What is to be added to the numbers of a Sentinel-2 image.

From processing baseline 04.00 (25 January 2022) the agency adds 1000; some archives take
it off again, and some say so.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from speckle2vec.corpus.providers import Collection

ADDED = 1000
FIRST_BASELINE = 4.0
LARGEST = 32_767
"""No offset is farther from 0: the numbers of an image have 16 bits."""


def offset_of(item: Mapping[str, Any], collection: Collection) -> int | None:
    """0, -1000 or another whole number; none where nobody says.

    The archive's own statement comes first, then the scale and offset of the bands, then
    the baseline, which tells only where it is known whether the archive took the 1000 off.
    """
    fields = item["properties"]
    if fields.get("earthsearch:boa_offset_applied") is True:
        return 0
    told = _of_bands(item, collection)
    if told is not None:
        return told
    baseline = _baseline(fields.get("s2:processing_baseline"))
    if baseline is None:
        return None
    if baseline < FIRST_BASELINE or collection.harmonised:
        return 0
    return -ADDED if collection.harmonised is False else None


def _of_bands(item: Mapping[str, Any], collection: Collection) -> int | None:
    """The one offset that all bands tell of, in numbers of the file."""
    names = {collection.assets[band] for band in collection.required}
    held = [asset for name, asset in item["assets"].items() if name in names]
    offsets = [next(_told(asset), None) for asset in held]
    told = {one for one in offsets if one is not None}
    return told.pop() if len(told) == 1 and None not in offsets else None


def _told(asset: Mapping[str, Any]) -> Iterator[int]:
    """Of STAC 1.0 (`raster:bands`), of STAC 1.1 (`bands`), or of the asset itself."""
    bands = _first(asset.get("raster:bands")), _first(asset.get("bands")), asset
    for band in bands:
        offset = band.get("offset", band.get("raster:offset"))
        scale = band.get("scale", band.get("raster:scale"))
        if isinstance(offset, int | float) and isinstance(scale, int | float) and scale:
            numbers = offset / scale
            if abs(numbers) <= LARGEST:  # else it is NaN, or of another unit than the scale
                yield round(numbers)


def _first(bands: object) -> Mapping[str, Any]:
    first = bands[0] if isinstance(bands, list) and bands else {}
    return first if isinstance(first, Mapping) else {}


def _baseline(text: object) -> float | None:
    try:
        baseline = float(str(text))
    except ValueError:
        return None
    return baseline if math.isfinite(baseline) else None
