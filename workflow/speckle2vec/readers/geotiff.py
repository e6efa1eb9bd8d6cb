"""A user's own GeoTIFF stacks, whole or cut into tiles, read window by window."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.errors import NotGeoreferencedWarning
from rasterio.windows import Window

from speckle2vec.errors import UserError
from speckle2vec.readers.base import POLARISATIONS, FloatArray, Sample
from speckle2vec.readers.locations import locate
from speckle2vec.readers.patterns import parse_names
from speckle2vec.readers.rasters import dated_by_tag, open_raster
from speckle2vec.readers.stacks import Image, Stack, stacks_of
from speckle2vec.readers.units import image_in_decibels
from speckle2vec.settings.corpus import Units
from speckle2vec.settings.geotiff import GeotiffCorpus
from speckle2vec.settings.root import Settings


def open_files(settings: Settings, corpus: GeotiffCorpus, files: tuple[str, ...]) -> "StackShard":
    """Open the files of one shard: their headers are read, their pixels when asked for.

    Raises:
        UserError: A file is missing or damaged, or lacks a band.
    """
    root = locate(settings.data, corpus.path)
    names = [file.removeprefix(f"{root}/") for file in files]
    dated = dated_by_tag(parse_names(root, names, corpus), corpus.date_tag)
    return StackShard(stacks_of(dated, corpus), corpus)


@dataclass(frozen=True)
class _Piece:
    """A sample and where its pixels are."""

    sample: Sample
    stack: Stack
    window: Window | None


class StackShard:
    """Samples of one or more places.

    A sample's id is `{place}_{first date}`, `{place}_{tile row}_{tile column}_{first
    date}` where rasters are cut into tiles, both without the date where names hold none.
    Tiles are counted from the upper left; what is left at the right and lower edge is
    narrower than a tile and not read.
    """

    def __init__(self, stacks: list[Stack], corpus: GeotiffCorpus) -> None:
        self._units: Units = corpus.units
        self._pieces: list[_Piece] = []
        for stack in stacks:
            for name, grid, window, problem in _cut(stack, corpus.tile):
                row = len(self._pieces)
                dates = tuple(np.datetime64(date or "NaT", "ms") for date in stack.dates)
                sample = Sample(name, row, stack.place, grid, dates, problem)
                self._pieces.append(_Piece(sample, stack, window))

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All samples: places in order, then dates, then tiles."""
        return tuple(piece.sample for piece in self._pieces)

    def read(self, row: int) -> FloatArray:
        """Backscatter of one sample in dB, (date, polarisation, y, x)."""
        piece = self._pieces[row]
        dates = [
            [_read(image, piece.window, self._units) for image in images]
            for images in piece.stack.images
        ]
        return np.stack([np.stack(images) for images in dates])

    def close(self) -> None:
        """Nothing stays open between two reads."""


Cut = tuple[str, GeoBox | None, Window | None, str]


def _cut(stack: Stack, tile: int | None) -> Iterator[Cut]:
    """Name, grid, window and problem of each sample of a stack."""
    grid, problem = _common_grid(stack)
    if stack.problem or problem or grid is None or tile is None:
        yield stack.name, grid, None, stack.problem or problem
        return
    rows, columns = grid.shape[0] // tile, grid.shape[1] // tile
    if not (rows and columns):
        small = f"is {grid.shape[0]} x {grid.shape[1]} pixels, less than one tile of {tile}"
        yield stack.name, grid, None, small
    for row in range(rows):
        for column in range(columns):
            window = Window(column * tile, row * tile, tile, tile)
            part = grid[row * tile : (row + 1) * tile, column * tile : (column + 1) * tile]
            yield _tile_name(stack, row, column), part, window, ""


def _tile_name(stack: Stack, row: int, column: int) -> str:
    date = stack.name.removeprefix(stack.place)
    return f"{stack.place}_{row}_{column}{date}"


def _common_grid(stack: Stack) -> tuple[GeoBox | None, str]:
    """The grid all files of a stack share, and what is wrong with it."""
    images = [image for date in stack.images for image in date]
    grids = {image: _grid(image) for image in images}
    first = grids[images[0]]
    if first is None:
        return None, f"has no coordinate reference system, in {images[0].location}"
    if first.affine.is_identity:
        return None, f"has a coordinate reference system but no position, in {images[0].location}"
    for image, grid in grids.items():
        if grid is None or not _same(first, grid):
            return first, f"{image.location} has another grid than {images[0].location}"
    return first, ""


def _grid(image: Image) -> GeoBox | None:
    # A file without a position becomes a sample with a problem: no warning is needed.
    with (
        warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning),
        open_raster(image.location) as raster,
    ):
        _check_band(image, raster)
        if raster.crs is None:
            return None
        return GeoBox(raster.shape, raster.transform, raster.crs)


def _check_band(image: Image, raster: rasterio.DatasetReader) -> None:
    """The band exists, and does not say that it is the other polarisation."""
    if image.band > raster.count:
        raise UserError(
            f"{image.location}: has {raster.count} bands, so there is no band {image.band}; "
            "correct `bands` in the settings."
        )
    said = (raster.descriptions[image.band - 1] or "").upper()
    if said in POLARISATIONS and said != image.polarisation:
        raise UserError(
            f"{image.location}: band {image.band} calls itself {said} but the settings call it "
            f"{image.polarisation}; correct `bands`."
        )


def _same(one: GeoBox, other: GeoBox) -> bool:
    near = one.affine.almost_equals(other.affine, precision=1e-3 * abs(one.affine.a))
    return bool(one.crs == other.crs and one.shape == other.shape and near)


def _read(image: Image, window: Window | None, units: Units) -> FloatArray:
    with open_raster(image.location) as raster:
        stored = raster.read(image.band, window=window, masked=True, out_dtype="float64")
        scale, offset = raster.scales[image.band - 1], raster.offsets[image.band - 1]
    values = stored.filled(np.nan) * scale + offset
    return image_in_decibels(values, units, f"{image.location}, band {image.band}")
