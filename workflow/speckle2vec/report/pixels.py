"""Cubes as pictures: composites in three colours, single features, and their encoding."""

import base64
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from matplotlib import colormaps

from speckle2vec.products.statistics import Statistics

COMPOSITES = (
    (("B04", "B03", "B02"), "Sentinel-2 in true colour"),
    (("B4", "B3", "B2"), "Sentinel-2 in true colour"),
    (("vv_mean", "vh_mean", "vv_std"),
     "red is VV, green VH (means over the dates), blue how much VV varies between dates"),
)  # fmt: skip
SPREADS = 2.0
"""Grey levels span so many standard deviations to both sides of the mean."""
DIFFERENCE, DEVIATION = "_difference", "_std"
QUALITY = 70
FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]


def composite_of(features: Sequence[str]) -> tuple[tuple[int, ...], str]:
    """Which three features a small picture shows as red, green and blue, and that in words."""
    for names, told in COMPOSITES:
        if set(names) <= set(features):
            return tuple(features.index(name) for name in names), told
    first = tuple(min(place, len(features) - 1) for place in range(3))
    names_told = ", ".join(features[place] for place in first)
    return first, f"red, green and blue are {names_told}"


def limits_of(name: str, statistics: Statistics) -> tuple[float, float]:
    """What is black and what is white of a feature, in its unit."""
    place = statistics.features.index(name)
    mean, spread = statistics.mean[place], SPREADS * (statistics.std[place] or 1.0)
    if name.endswith(DIFFERENCE):
        return -spread, spread
    return (0.0 if name.endswith(DEVIATION) else mean - spread), mean + spread


def levels(images: FloatArray, limits: tuple[float, float]) -> ByteArray:
    """Images of one feature as grey levels; what is not known is black."""
    low, high = limits
    scaled = np.clip((images.astype(np.float32) - low) / (high - low), 0, 1)
    return np.asarray(np.rint(255 * np.nan_to_num(scaled)), np.uint8)


def thumbnails(cubes: FloatArray, statistics: Statistics, side: int) -> ByteArray:
    """Cubes (sample, feature, y, x) as small pictures (sample, side, side, 3)."""
    chosen, _ = composite_of(statistics.features)
    found = np.zeros((len(cubes), side, side, 3), np.uint8)
    for colour, feature in enumerate(chosen):
        limits = limits_of(statistics.features[feature], statistics)
        for sample, image in enumerate(levels(cubes[:, feature], limits)):
            found[sample, ..., colour] = resized(image, side)
    return found


def resized(image: ByteArray, side: int) -> ByteArray:
    """An image (y, x) or (y, x, colour) as a square."""
    if image.shape[:2] == (side, side):
        return image
    way = cv2.INTER_AREA if min(image.shape[:2]) > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (side, side), interpolation=way), np.uint8)


def feature_picture(cube: FloatArray, name: str, statistics: Statistics, side: int) -> ByteArray:
    """One feature of a cube as a picture (side, side, 3): grey, or orange to purple around 0."""
    place = statistics.features.index(name)
    grey = resized(levels(cube[place], limits_of(name, statistics)), side)
    palette = colormaps["PuOr_r" if name.endswith(DIFFERENCE) else "gray"]
    return np.asarray(palette(grey, bytes=True)[..., :3], np.uint8)


def as_uri(image: ByteArray, quality: int = QUALITY) -> str:
    """An image (y, x, 3), red first, as a data URI."""
    kind = [cv2.IMWRITE_WEBP_QUALITY, quality]
    _, packed = cv2.imencode(".webp", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), kind)
    return "data:image/webp;base64," + base64.b64encode(packed.tobytes()).decode()
