"""One image of Earth Engine on the grid of a patch (`computePixels`, answered as NPY).

Numbers are resampled bilinearly by the service, classes are the nearest; what is masked
comes as 0. A request is at most 48 MB uncompressed and 32,768 pixels a side: larger patches
are asked for in squares. Untested against the live service.
"""

import io
import json
import math
import tokenize
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox

from speckle2vec.corpus.earth_engine.credentials import project
from speckle2vec.corpus.earth_engine.service import VERSION, EarthEngine, service
from speckle2vec.corpus.providers import SCENE_CLASSES, Collection
from speckle2vec.corpus.troubles import TemporaryError, UnusableError
from speckle2vec.products.candidates import RADAR
from speckle2vec.settings.archive import Provider

Arrays = dict[str, npt.NDArray[Any]]
MOST_BYTES, MOST_PIXELS = 48_000_000, 32_768
_NUMBER_BYTES = 8  # bands of Sentinel-1 are float64, and so may be what is resampled
_NO_ARRAY = (
    ValueError, TypeError, EOFError, SyntaxError, tokenize.TokenError, zipfile.BadZipFile,
)  # fmt: skip
_PREFIXES = ("projects/earthengine-public/assets/", "projects/earthengine-legacy/assets/")


def load_pixels(
    stac: str, collection: Collection, bands: Sequence[str], grid: GeoBox, provider: Provider
) -> Arrays:
    """Read bands of an image on the grid of a patch, as the service stores its numbers.

    Args:
        stac: The item as JSON.
        collection: Which bands of the image are asked.
        bands: Names such as `VV` or `B02`; `SCL` is left out where there is none.
        grid: Of the patch.
        provider: How often a request is tried, and after which pause.

    Returns:
        An array (y, x) for each band: float32 of Sentinel-1, uint16 of Sentinel-2; 0 where
        nothing is known.

    Raises:
        UnusableError: The image or a band of it is missing.
        TemporaryError: It cannot be read now.
        UserError: The service refuses, or does not understand.
    """
    item = json.loads(stac)
    names = _names(item, collection, bands)
    asked = service(collection.url, provider)
    image = _image(str(item["assets"][next(iter(names.values()))]["href"]))
    kind = np.dtype(np.float32 if collection.role == RADAR else np.uint16)
    made = {band: np.zeros((grid.shape.y, grid.shape.x), kind) for band in names}
    for rows, columns in squares(grid.shape.y, grid.shape.x, len(names)):
        found = _square(asked, image, names, grid[rows, columns])
        for band, values in found.items():
            made[band][rows, columns] = values if collection.role == RADAR else _rounded(values)
    return made


def squares(height: int, width: int, bands: int) -> Iterator[tuple[slice, slice]]:
    """The parts of a patch that fit into one request each, row by row."""
    side = min(MOST_PIXELS, math.isqrt(MOST_BYTES // (_NUMBER_BYTES * bands)))
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield slice(top, min(top + side, height)), slice(left, min(left + side, width))


def request_body(image: str, names: Mapping[str, str], grid: GeoBox) -> dict[str, Any]:
    """What `computePixels` is asked.

    Args:
        image: Id of the image.
        names: The service's name of each band.
        grid: North up, in a CRS with an EPSG code.
    """
    affine, shape = grid.affine, grid.shape
    return {
        "expression": _expression(image, names),
        "fileFormat": "NPY",
        "bandIds": list(names.values()),
        "grid": {
            "crsCode": f"EPSG:{grid.crs.epsg if grid.crs else None}",
            "dimensions": {"width": shape.x, "height": shape.y},
            "affineTransform": {
                "scaleX": affine.a, "shearX": affine.b, "translateX": affine.c,
                "shearY": affine.d, "scaleY": affine.e, "translateY": affine.f,
            },
        },
    }  # fmt: skip


def _expression(image: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Bands resampled bilinearly, and classes beside them as they are."""
    measured = [name for band, name in names.items() if band != SCENE_CLASSES]
    values = {
        "image": _call("Image.load", id=_constant(image)),
        "measured": _call("Image.select", input=_of("image"), bandSelectors=_constant(measured)),
        "smooth": _call("Image.resample", image=_of("measured"), mode=_constant("bilinear")),
    }
    if SCENE_CLASSES not in names:
        return {"result": "smooth", "values": values}
    classes = _constant([names[SCENE_CLASSES]])
    values["classes"] = _call("Image.select", input=_of("image"), bandSelectors=classes)
    values["both"] = _call("Image.addBands", dstImg=_of("smooth"), srcImg=_of("classes"))
    return {"result": "both", "values": values}


def _call(function: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"functionInvocationValue": {"functionName": function, "arguments": arguments}}


def _constant(value: object) -> dict[str, object]:
    return {"constantValue": value}


def _of(name: str) -> dict[str, object]:
    return {"valueReference": name}


def _square(
    asked: EarthEngine, image: str, names: Mapping[str, str], grid: GeoBox
) -> dict[str, npt.NDArray[Any]]:
    path = f"projects/{project()}/image:computePixels"
    content = asked.post(path, request_body(image, names, grid))
    try:
        found = np.load(io.BytesIO(content), allow_pickle=False)
    except _NO_ARRAY as error:
        raise TemporaryError(f"{image}: the answer is no whole array ({error})") from None
    held, shape = found.dtype.names or (), (grid.shape.y, grid.shape.x)
    if found.shape != shape or not set(names.values()) <= set(held):
        raise TemporaryError(
            f"{image}: the answer has bands {', '.join(held) or 'without names'} of "
            f"{found.shape} pixels, and {', '.join(names.values())} of {shape} were asked for"
        )
    return {band: np.asarray(found[name]) for band, name in names.items()}


def _rounded(values: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """Numbers that were resampled, as whole numbers again."""
    whole = np.nan_to_num(np.rint(values), nan=0.0)
    return np.asarray(np.clip(whole, 0, np.iinfo(np.uint16).max), np.uint16)


def _names(item: Mapping[str, Any], collection: Collection, bands: Sequence[str]) -> dict[str, str]:
    """The service's name of each band that is asked for."""
    named = {band: collection.assets[band] for band in bands if band in collection.assets}
    held = item["assets"]
    if named.get(SCENE_CLASSES) not in held:
        named.pop(SCENE_CLASSES, None)
    missing = [name for name in named.values() if name not in held]
    if missing:
        there = ", ".join(held) or "none"
        raise UnusableError(f"{item['id']} has no band {', '.join(missing)}; it has {there}")
    return named


def _image(address: str) -> str:
    """Id of an image of the catalogue, or full name of one of a project's own."""
    name = address.partition(f"/{VERSION}/")[2]
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name
