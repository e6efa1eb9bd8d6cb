"""Samples worth looking at, and what there is to see of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.landcover.finetuning.fits import Fit, as_labels, fit_of
from speckle2vec.landcover.pages.patch_drawing import radar, true_colour
from speckle2vec.products.catalogue import accepted, read_catalogue_part
from speckle2vec.products.cubes import CubeShard, open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import ClassArray, CountArray, LabelClass, open_labels
from speckle2vec.provenance import stream_seed

FloatArray = npt.NDArray[np.float32]
Shares = npt.NDArray[np.float64]
MOST_BY_CLASS = 8
"""So many classes at most have an example of their own."""


@dataclass(frozen=True)
class Candidate:
    """A sample with labels and a cube."""

    key: ShardKey
    sample_id: str
    counts: CountArray
    """Pixels of each class, nodata first."""

    @property
    def shares(self) -> Shares:
        """Shares of the sample's pixels, class 1 first."""
        shares: Shares = self.counts[1:] / max(int(self.counts.sum()), 1)
        return shares


@dataclass(frozen=True)
class View:
    """What there is to see of a sample."""

    candidate: Candidate
    optical: npt.NDArray[np.uint8] | None
    radar: npt.NDArray[np.uint8]
    truth: ClassArray
    """On the sample's own grid, (y, x)."""
    dates: tuple[np.datetime64, ...]
    """Of the cube, in the order of its features; without those not known."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the sample's own grid."""
        height, width = self.truth.shape
        return height, width


def candidates(
    keys: Sequence[ShardKey], cubes: Path, labels: Path, among: Collection[str] | None = None
) -> tuple[tuple[LabelClass, ...], list[Candidate]]:
    """The class table, and all samples with a labelled pixel and a cube.

    Memory holds ids and counts; no raster is read.

    Args:
        keys: The shards.
        cubes: Folder of the cubes.
        labels: Folder of the labels.
        among: Ids of samples that count; all where it is left out.
    """
    found, classes = list[Candidate](), tuple[LabelClass, ...]()
    for key in sorted(keys):
        with open_labels(key.part(labels, ".zarr.zip"), key) as shard:
            classes = classes or shard.classes
            told = dict(zip(shard.sample_ids, shard.counts, strict=True))
        wanted = [name for name, counts in told.items()
                  if counts[1:].any() and (among is None or name in among)]  # fmt: skip
        if wanted:
            with open_cubes(key.part(cubes, ".zarr.zip"), key) as shown:
                there = set(shown.sample_ids)
            found += [Candidate(key, name, told[name]) for name in wanted if name in there]
    return classes, found


def spread(
    found: Sequence[Candidate], enough: float, at_random: int, seed: int, purpose: str
) -> list[Candidate]:
    """For each class a sample that holds enough of it, and some more at random.

    Of those that hold enough, that with most beside it: a patch of one class shows little.
    Where none does, that with most of the class. Where there are many classes, the commonest
    have a sample. The choice depends on ids, counts and seed, not on the order of shards.

    Args:
        found: The samples to choose from.
        enough: Share of the sample's pixels.
        at_random: How many more.
        seed: The seed of the settings.
        purpose: Name of the stream.
    """
    if not found:
        return []
    common = np.sum([one.shares for one in found], axis=0)
    order = [int(index) for index in np.argsort(-common, kind="stable") if common[index] > 0]
    chosen: dict[str, Candidate] = {}
    for index in sorted(order[:MOST_BY_CLASS]):
        shown = (one for one in found if one.sample_id not in chosen and one.shares[index] > 0)
        best = min(shown, key=lambda one: _preference(one, index, enough), default=None)
        if best is not None:
            chosen[best.sample_id] = best
    rest = [one for one in found if one.sample_id not in chosen]
    rest.sort(key=lambda one: (stream_seed(seed, purpose, one.sample_id), one.sample_id))
    return [*chosen.values(), *rest[:at_random]]


def _preference(one: Candidate, index: int, enough: float) -> tuple[float, float, str]:
    """The lower the better."""
    known = one.shares[one.shares > 0]
    variety = float(-(known * np.log(known)).sum())
    return -min(float(one.shares[index]), enough), -variety, one.sample_id


def views(
    chosen: Sequence[Candidate], cubes: Path, labels: Path
) -> Iterator[tuple[View, CubeShard, int]]:
    """What there is to see of samples, with the open cubes and the position in them."""
    for one in chosen:
        with open_labels(one.key.part(labels, ".zarr.zip"), one.key) as shard:
            truth = shard.read(shard.sample_ids.index(one.sample_id))
        path = one.key.part(cubes, ".zarr.zip")
        with open_cubes(path, one.key) as shown:
            position = shown.sample_ids.index(one.sample_id)
            cube = _as_seen(path, shown, position, (truth.shape[0], truth.shape[1]))
            dates = tuple(date for date in shown.dates[position] if not np.isnat(date))
            optical = true_colour(cube, shown.features)
            view = View(one, optical, radar(cube, shown.features), truth, dates)
            yield view, shown, position


def places(chosen: Sequence[Candidate], catalogue: Path) -> dict[str, dict[str, Any]]:
    """Rows of the catalogue by sample id."""
    columns = ("sample_id", "place", "longitude", "latitude", "verdict")
    rows: dict[str, dict[str, Any]] = {}
    for key in sorted({one.key for one in chosen}):
        part = read_catalogue_part(key.part(catalogue, ".parquet"), key, columns)
        for row in accepted(part).to_pylist():
            rows[row["sample_id"]] = row
    return {one.sample_id: rows[one.sample_id] for one in chosen}


def _as_seen(path: Path, shard: CubeShard, position: int, shape: tuple[int, int]) -> FloatArray:
    """A cube (feature, y, x) of all its sample, at its own resolution; NaN where it shows none."""
    cube: FloatArray = shard.take(np.array([position]))[0].astype(np.float32)
    if fit_of(shard.attributes, path) is Fit.WHOLE:
        return cube
    shown = as_labels(np.ones_like(cube[:1]), shape)
    return np.where(shown > 0, as_labels(cube, shape), np.float32(np.nan))
