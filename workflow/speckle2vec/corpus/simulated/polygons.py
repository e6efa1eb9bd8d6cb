"""The land cover of the simulated area as CORINE-like polygons around its places."""

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyogrio
import rasterio.features
import shapely
from affine import Affine
from scipy import ndimage

from speckle2vec.corpus.simulated.cover import CodeArray, classify
from speckle2vec.corpus.simulated.fields import World
from speckle2vec.corpus.simulated.places import Place
from speckle2vec.products.whole import scratch_folder

LAYER = "U2018_CLC2018_V2020_20u1"
FIELD = "Code_18"
CRS = "EPSG:3035"
MINIMUM_UNIT_M2 = 250_000.0

CELL_M = 50.0
_BLOCK_M = 1_000.0
_REACH_M = 2_000.0
_SIMPLIFY_M = 90.0
_NO_TIME = {"OGR_CURRENT_DATE": "2018-01-01T00:00:00.000Z"}


def draw_polygons(world: World, places: Iterable[Place]) -> gpd.GeoDataFrame:
    """Polygons of one class each that cover the surroundings of the places without overlap.

    Returns:
        `Code_18` (text), `Area_Ha` and `ID`, in EPSG:3035. Patches below CORINE's 25 ha
        went to their largest neighbour before their outlines were smoothed.
    """
    wanted, west, south = _blocks(places)
    regions, count = ndimage.label(wanted, structure=np.ones((3, 3)))
    outlines, codes = [], []
    for number, found in enumerate(ndimage.find_objects(regions, count), start=1):
        mask = regions[found] == number
        corner = (west + found[1].start * _BLOCK_M, south + found[0].start * _BLOCK_M)
        region_outlines, region_codes = _region(world, mask, corner)
        outlines.append(region_outlines)
        codes.extend(region_codes)
    return _frame(np.concatenate(outlines), codes)


def write_polygons(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a GeoPackage as CORINE is published; equal polygons are equal bytes."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _NO_TIME}
    pyogrio.set_gdal_config_options(_NO_TIME)
    try:
        with scratch_folder(path) as folder:
            beside = folder / "land_cover.gpkg"
            pyogrio.write_dataframe(frame, beside, layer=LAYER, driver="GPKG")
            beside.replace(path)
    finally:
        pyogrio.set_gdal_config_options(before)


def _blocks(places: Iterable[Place]) -> tuple[npt.NDArray[np.bool_], float, float]:
    """Blocks of 1 km within reach of a place, rows northward, and their south-west corner."""
    centres = np.array([(place.easting, place.northing) for place in places])
    low = np.floor((centres - _REACH_M) / _BLOCK_M).astype(int)
    high = np.floor((centres + _REACH_M) / _BLOCK_M).astype(int)
    first, last = low.min(axis=0), high.max(axis=0)
    wanted = np.zeros((last - first + 1)[::-1], bool)
    for (left, bottom), (right, top) in zip(low - first, high - first, strict=True):
        wanted[bottom : top + 1, left : right + 1] = True
    return wanted, float(first[0] * _BLOCK_M), float(first[1] * _BLOCK_M)


def _region(
    world: World, mask: npt.NDArray[np.bool_], corner: tuple[float, float]
) -> tuple[npt.NDArray[np.object_], list[int]]:
    codes = _raster(world, mask, corner)
    inside = codes > 0
    smallest = int(MINIMUM_UNIT_M2 / CELL_M**2)
    codes = rasterio.features.sieve(codes, smallest, mask=inside)
    affine = Affine(CELL_M, 0, corner[0], 0, CELL_M, corner[1])
    pairs = list(rasterio.features.shapes(codes, mask=inside, transform=affine))
    outlines = np.array([_polygon(outline) for outline, _ in pairs], dtype=object)
    outlines = shapely.segmentize(outlines, CELL_M)  # neighbours must share every vertex
    smooth = shapely.coverage_simplify(outlines, _SIMPLIFY_M, simplify_boundary=False)
    return np.asarray(smooth, dtype=object), [int(code) for _, code in pairs]


def _raster(world: World, mask: npt.NDArray[np.bool_], corner: tuple[float, float]) -> CodeArray:
    """Codes at the cells' centres, rows northward, 0 outside the mask's blocks."""
    side = int(_BLOCK_M / CELL_M)
    row, column = np.nonzero(mask)
    inner = (np.arange(side) + 0.5) * CELL_M
    x = corner[0] + column[:, None, None] * _BLOCK_M + inner[None, None, :]
    y = corner[1] + row[:, None, None] * _BLOCK_M + inner[None, :, None]
    x, y = (np.broadcast_to(axis, (len(row), side, side)) for axis in (x, y))
    values = classify(world, x.reshape(len(row), -1), y.reshape(len(row), -1))
    blocks = np.zeros((*mask.shape, side, side), np.uint16)
    blocks[row, column] = values.reshape(len(row), side, side)
    return blocks.swapaxes(1, 2).reshape(mask.shape[0] * side, mask.shape[1] * side)


def _polygon(outline: dict[str, list[list[tuple[float, float]]]]) -> shapely.Polygon:
    shell, *holes = outline["coordinates"]
    return shapely.Polygon(shell, holes)


def _frame(outlines: npt.NDArray[np.object_], codes: list[int]) -> gpd.GeoDataFrame:
    columns = {
        FIELD: [str(code) for code in codes],
        "Area_Ha": np.round(shapely.area(outlines) / 10_000.0, 2),
        "ID": [f"EU-{number}" for number in range(1, len(codes) + 1)],
    }
    return gpd.GeoDataFrame(columns, geometry=outlines, crs=CRS)
