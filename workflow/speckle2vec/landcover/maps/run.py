"""Maps: what a segmenter says of samples side by side, as cloud-optimised GeoTIFFs."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox
from rasterio.io import DatasetWriter
from rasterio.windows import Window

from speckle2vec.landcover.finetuning.likelihood import Segmenter
from speckle2vec.landcover.maps.cogs import STEPS, UNKNOWN, class_map, probability_map
from speckle2vec.landcover.maps.mapped import Sample
from speckle2vec.landcover.maps.mosaic import Mosaic, add_sample, mosaic_of
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.labels import NODATA
from speckle2vec.progress import LOGGER, track

FloatArray = npt.NDArray[np.float32]
_KEPT_SAMPLES = 16


def write_map(
    segmenter: Segmenter,
    cubes: Path,
    samples: Sequence[Sample],
    output: Path,
    probabilities: Path | None = None,
) -> None:
    """Write the likeliest class of each pixel, and how likely each class is.

    Where samples overlap, their probabilities are averaged, weighted less toward the edge of
    each. The map has the pixels of the first sample; others are resampled where theirs
    differ. Memory holds one window of 1024 pixels, however many samples there are.

    Args:
        segmenter: What says how likely each class is.
        cubes: Folder of the cubes it takes.
        samples: What is mapped.
        output: The map, a GeoTIFF of class indices; names stand in `{output}.aux.xml`.
        probabilities: A second GeoTIFF, a band a class.

    Raises:
        UserError: The samples lie too far apart, a file is damaged, or the cubes are not what
            the segmenter takes.
    """
    mosaic = mosaic_of([sample.grid for sample in samples])
    _tell(mosaic, samples)
    said = _Said(segmenter, cubes, samples)
    with ExitStack() as stack:
        indices = stack.enter_context(class_map(output, mosaic.grid, segmenter.classes))
        shares: DatasetWriter | None = None
        if probabilities is not None:
            likely = probability_map(probabilities, mosaic.grid, segmenter.classes)
            shares = stack.enter_context(likely)
        for window, sums in _windows(mosaic, said):
            indices.write(_likeliest(sums), 1, window=window)
            if shares is not None:
                shares.write(_scaled(sums), window=window)


class _Said:
    """Probabilities of samples; the latest are kept for the neighbouring window."""

    def __init__(self, segmenter: Segmenter, cubes: Path, samples: Sequence[Sample]) -> None:
        self._segmenter, self._cubes, self._samples = segmenter, cubes, samples
        self.of = lru_cache(_KEPT_SAMPLES)(self._of)

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self._segmenter.classes)

    def _of(self, index: int) -> FloatArray:
        sample = self._samples[index]
        with open_cubes(sample.key.part(self._cubes, ".zarr.zip"), sample.key) as shard:
            position = shard.sample_ids.index(sample.sample_id)
            height, width = sample.grid.shape
            return self._segmenter.probabilities(shard, position, (height, width))


def _windows(mosaic: Mosaic, said: _Said) -> Iterator[tuple[Window, FloatArray]]:
    """Windows, and their sums (class + 1, y, x), the last of which is that of the weights."""
    tiles = list(mosaic.tiles())
    for window, indices in track(tiles, len(tiles), "Mapping"):
        tile = _part(mosaic.grid, window)
        sums = np.zeros((said.classes + 1, *tile.shape), np.float32)
        for index in indices:
            add_sample(sums, tile, said.of(index), mosaic.samples[index])
        yield window, sums


def _part(grid: GeoBox, window: Window) -> GeoBox:
    rows, columns = window.toslices()
    return grid[rows, columns]


def _likeliest(sums: FloatArray) -> npt.NDArray[np.uint8]:
    best = sums[:-1].argmax(axis=0).astype(np.uint8) + np.uint8(1)
    return np.where(sums[-1] > 0, best, np.uint8(NODATA))


def _scaled(sums: FloatArray) -> npt.NDArray[np.uint8]:
    known = sums[-1] > 0
    shares = np.divide(sums[:-1], sums[-1], where=known, out=np.zeros_like(sums[:-1]))
    steps = np.rint(shares * STEPS).astype(np.uint8)
    return np.where(known, steps, np.uint8(UNKNOWN))


def _tell(mosaic: Mosaic, samples: Sequence[Sample]) -> None:
    height, width = mosaic.grid.shape
    LOGGER.info(
        "Mapping %d samples on %d x %d pixels of %s", len(samples), width, height, mosaic.grid.crs
    )
    others = sorted({str(sample.grid.crs) for sample in samples} - {str(mosaic.grid.crs)})
    if others:
        LOGGER.warning(
            "Samples in %s are resampled onto the pixels of the first, in %s.",
            ", ".join(others), mosaic.grid.crs,
        )  # fmt: skip
