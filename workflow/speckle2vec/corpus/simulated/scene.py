"""The ground of one place: what lies in each pixel, the same for every date and sensor."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pyogrio
import rasterio.features
from scipy.special import ndtr

from speckle2vec.corpus.simulated.cover import hilliness
from speckle2vec.corpus.simulated.fields import (
    FloatArray,
    HashArray,
    World,
    correlated_noise,
    mix,
    uniform,
)
from speckle2vec.corpus.simulated.parcels import Parcels, draw_parcels
from speckle2vec.corpus.simulated.places import SIDE, Place, area_coordinates
from speckle2vec.corpus.simulated.polygons import FIELD, LAYER
from speckle2vec.corpus.simulated.surfaces import MIXTURES, Kind, Surface
from speckle2vec.errors import UserError
from speckle2vec.readers.vector_errors import UNREADABLE

SHIFTS = 7
"""Steps of the calendar: a field is up to 18 days early or late."""
SHIFT_DAYS = 6.0
_ROAD_M, _STREET_M, _HEDGE_M = 7.0, 5.0, 8.0
_HEDGED = {211: 0.05, 221: 0.05, 231: 0.35, 242: 0.25, 243: 0.55}


@dataclass(frozen=True)
class Scene:
    """What the sensors look at; every member is (y, x)."""

    code: npt.NDArray[np.uint16]
    """CORINE level-3 code of the polygon."""
    surface: npt.NDArray[np.uint8]
    """What lies there, a `Surface`."""
    shift: npt.NDArray[np.uint8]
    """Step of the crop calendar of the field, 0..6; 3 is on time."""
    vigour: FloatArray
    """How dense its plants stand, standard normal, one value a field."""
    fine: FloatArray
    """Texture of crowns and stones, standard normal, correlated over about 2 pixels."""
    coarse: FloatArray
    """Texture of soils and stands, standard normal, correlated over about 15 pixels."""
    slope: FloatArray
    """Slope toward the east, dimensionless; 0 on water."""
    angle: FloatArray
    """Direction of rows and streets, radians."""


def draw_scene(world: World, place: Place, land_cover: Path) -> Scene:
    """Lay out the ground of a place.

    Raises:
        UserError: The land cover is missing, or does not cover the place.
    """
    random = world.generator("scene", place.shard, place.row)
    code = rasterise(land_cover, place)
    parcels = draw_parcels(world, *area_coordinates(place))
    fine, middle, coarse = (correlated_noise(random, (SIDE, SIDE), s) for s in (1.1, 3.5, 8.0))
    patch = (0.75 * middle + 0.66 * coarse).astype(np.float32)
    surface = _surface(code, parcels, patch)
    _add_details(surface, code, parcels, middle)
    slope = _slope(random, hilliness(world, place.easting, place.northing))
    slope[surface == Surface.WATER] = 0
    return Scene(
        code=code,
        surface=surface,
        shift=(uniform(mix(parcels.parcel, 11)) * SHIFTS).astype(np.uint8),
        vigour=_normal(mix(parcels.parcel, 12)),
        fine=fine,
        coarse=coarse,
        slope=slope,
        angle=parcels.angle,
    )


def rasterise(land_cover: Path, place: Place) -> npt.NDArray[np.uint16]:
    """CORINE level-3 codes on the grid of a place, (y, x).

    Raises:
        UserError: The file cannot be read, or does not cover the place.
    """
    x, y = area_coordinates(place)
    box = (x.min() - 50, y.min() - 50, x.max() + 50, y.max() + 50)
    try:
        frame = pyogrio.read_dataframe(land_cover, layer=LAYER, columns=[FIELD], bbox=box)
    except UNREADABLE as error:
        raise UserError(
            f"{land_cover}: is no land cover to draw from ({error}); "
            "remove it and run the same command again."
        ) from error
    outlines = frame.geometry.to_crs(place.epsg)
    pairs = list(zip(outlines, frame[FIELD].astype(int), strict=True))
    shape, affine = (SIDE, SIDE), place.grid.affine
    code = (
        rasterio.features.rasterize(pairs or [], shape, 0, transform=affine, dtype="uint16")
        if pairs
        else np.zeros(shape, np.uint16)
    )
    if not np.isin(code, list(MIXTURES)).all():
        raise UserError(
            f"{land_cover}: does not cover sample {place.sample_id} of {place.shard} with known "
            "classes; it belongs to another corpus or seed. Remove it and run the command again."
        )
    return code


def _surface(
    code: npt.NDArray[np.uint16], parcels: Parcels, patch: FloatArray
) -> npt.NDArray[np.uint8]:
    """Choose what lies in each pixel by the mixture of its class."""
    chance: dict[Kind, FloatArray] = {
        "parcel": uniform(mix(parcels.parcel, 10)),
        "lot": uniform(mix(parcels.lot, 10)),
        "patch": ndtr(patch),
    }
    surface = np.zeros(code.shape, np.uint8)
    for number in np.unique(code):
        kind, shares = MIXTURES[int(number)]
        here = code == number
        edges = np.cumsum([share for _, share in shares])[:-1]
        kinds = np.array([int(kind) for kind, _ in shares], np.uint8)
        surface[here] = kinds[np.searchsorted(edges, chance[kind][here], side="right")]
    return surface


def _add_details(
    surface: npt.NDArray[np.uint8],
    code: npt.NDArray[np.uint16],
    parcels: Parcels,
    middle: FloatArray,
) -> None:
    """Streets in towns, roads and hedges between fields, copses and farmsteads in them."""
    town, farm = (code < 130), (code > 200) & (code < 300)
    surface[town & (parcels.street_m < _STREET_M)] = Surface.PAVED
    for number, share in _HEDGED.items():
        hedged = (code == number) & (parcels.parcel_edge_m < _HEDGE_M)
        surface[hedged & (uniform(mix(parcels.parcel, 13)) < share)] = Surface.BROADLEAF
    surface[farm & (middle > 2.1)] = Surface.BROADLEAF
    surface[farm & (middle < -2.35) & (uniform(mix(parcels.lot, 14)) < 0.6)] = Surface.ROOF
    land = (surface != Surface.WATER) & (code < 400)
    surface[land & (parcels.border_m < _ROAD_M) & _chance(parcels.block, 15, 0.6)] = Surface.PAVED


def _chance(hashed: HashArray, salt: int, share: float) -> npt.NDArray[np.bool_]:
    return uniform(mix(hashed, salt)) < share


def _normal(hashed: HashArray) -> FloatArray:
    """Hashes as nearly standard normal numbers: the sum of three uniform ones (Irwin-Hall)."""
    total = np.sum([uniform(mix(hashed, salt)) for salt in (1, 2, 3)], axis=0)
    return np.asarray((total - 1.5) * 2.0, np.float32)


def _slope(random: np.random.Generator, hilliness: float) -> FloatArray:
    """Slope toward the east of ridges and valleys, standard deviation up to 0.17."""
    small = SIDE // 4
    heights = np.zeros((small, small), np.float32)
    for sigma in (12.0, 6.0, 3.0):
        heights -= np.float32(sigma) * np.abs(correlated_noise(random, (small, small), sigma))
    large = cv2.resize(heights, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    slope = np.gradient(large, axis=1)
    return np.asarray(slope / slope.std() * 0.17 * hilliness, np.float32)
