"""Labelled pixels with their features, sample by sample, and an even draw of them."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.landcover.finetuning.fits import Fit, Side, as_cube, check_native, fit_of
from speckle2vec.products.cubes import CubeShard, open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import NODATA, ClassArray, LabelShard, open_labels
from speckle2vec.products.meaning import differ
from speckle2vec.products.statistics import Statistics, normalise
from speckle2vec.progress import track
from speckle2vec.provenance import generator

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Pixels:
    """Labelled pixels."""

    values: FloatArray
    """Normalised features, (pixel, feature)."""
    classes: ClassArray
    """Class indices, from 1, (pixel)."""


@dataclass(frozen=True)
class PixelSource:
    """Where the pixels of all shards are; shards are read in sorted order, one at a time."""

    keys: Sequence[ShardKey]
    cubes: Path
    labels: Path
    statistics: Statistics

    def labelled(self, wanted: Container[str]) -> dict[str, int]:
        """Labelled pixels of the wanted samples that have a cube; no pixel is read.

        Raises:
            UserError: A part is missing or damaged.
        """
        found = {}
        for _, cubes, labels in self._shards("Counting pixels"):
            known, names = labels.counts[:, 1:].sum(axis=1), set(cubes.sample_ids)
            for name, count in zip(labels.sample_ids, known, strict=True):
                if name in wanted and name in names:
                    found[name] = int(count)
        return found

    def samples(self, wanted: Container[str], task: str) -> Iterator[tuple[str, Pixels]]:
        """All labelled pixels of the wanted samples, one sample at a time.

        Raises:
            UserError: A part is missing or damaged, or cubes and labels do not fit.
        """
        for path, cubes, labels in self._shards(task):
            places = {name: row for row, name in enumerate(labels.sample_ids)}
            here = [(row, name) for row, name in enumerate(cubes.sample_ids)
                    if name in wanted and name in places]  # fmt: skip
            if not here:
                continue
            fit = self._fit(path, cubes, labels)
            for row, name in here:
                cube = normalise(cubes.read(row, row + 1), self.statistics)[0]
                yield name, _laid(cube, labels.read(places[name]), fit)

    def drawn(self, quotas: Mapping[str, int], seed: int, task: str) -> Pixels:
        """So many labelled pixels of each sample, drawn at random, in the order of samples.

        Args:
            quotas: How many, by sample id.
            seed: The seed they are drawn with; each sample has a stream of its own.
            task: What is done, for a person.
        """
        values, classes = [], []
        for name, pixels in self.samples(quotas, task):
            stream = generator(seed, "pixels", name)
            count = min(quotas[name], len(pixels.classes))
            rows = np.sort(stream.choice(len(pixels.classes), count, replace=False))
            values.append(pixels.values[rows])
            classes.append(pixels.classes[rows])
        return Pixels(np.concatenate(values), np.concatenate(classes))

    def _shards(self, task: str) -> Iterator[tuple[Path, CubeShard, LabelShard]]:
        for key in track(sorted(self.keys), len(self.keys), task):
            path = key.part(self.cubes, ".zarr.zip")
            labels = key.part(self.labels, ".zarr.zip")
            with open_cubes(path, key) as cubes, open_labels(labels, key) as own:
                yield path, cubes, own

    def _fit(self, path: Path, cubes: CubeShard, labels: LabelShard) -> Fit:
        told = {"features": list(self.statistics.features), "units": self.statistics.units,
                "calibration": self.statistics.calibration}  # fmt: skip
        found = {**cubes.attributes, "features": list(cubes.features)}
        if different := [text for name in told if (text := differ(name, told, found))]:
            raise UserError(
                f"{path}: does not fit the statistics: {'; '.join(different)}. Remove "
                "results/statistics and run the same command again."
            )
        fit = fit_of(cubes.attributes, path)
        if fit is Fit.NATIVE:
            shapes = zip(labels.sample_ids, labels.shapes.tolist(), strict=True)
            check_native(path, cubes.sample_ids, {name: (h, w) for name, (h, w) in shapes})
        return fit


def even_quotas(available: Mapping[str, int], most: int) -> dict[str, int]:
    """How many pixels each sample gives: as even as can be, at most `most` together.

    Samples that have fewer than their part give all, and the others more.
    """
    quotas, left = {}, most
    names = sorted(available, key=lambda name: (available[name], name))
    for done, name in enumerate(names):
        quotas[name] = min(available[name], left // (len(names) - done))
        left -= quotas[name]
    return {name: quotas[name] for name in sorted(quotas) if quotas[name]}


def _laid(cube: FloatArray, labels: ClassArray, fit: Fit) -> Pixels:
    """The labelled pixels of one sample: cubes that were resized are brought to its grid."""
    if fit is Fit.NATIVE:
        labels = as_cube(labels, (cube.shape[1], cube.shape[2]))
    else:
        cube = on_grid(cube, (labels.shape[0], labels.shape[1]))
    there = labels != NODATA
    return Pixels(np.ascontiguousarray(cube[:, there].T), labels[there])


def on_grid(cube: FloatArray, shape: Side) -> FloatArray:
    """A cube (feature, y, x) resized to another grid, bilinear between the pixels' centres."""
    size = shape[1], shape[0]
    bands = [cv2.resize(band, size, interpolation=cv2.INTER_LINEAR) for band in cube]
    return np.stack(bands).astype(np.float32, copy=False)
