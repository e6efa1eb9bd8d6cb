"""The stage: which samples of the catalogue hold a user's labelled places."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from speckle2vec.evaluate.footprints import COLUMNS, FloatArray, Footprints, IntArray, footprints
from speckle2vec.evaluate.places.files import LabelledPlaces
from speckle2vec.evaluate.places.shapes import TURNS
from speckle2vec.products.catalogue import accepted
from speckle2vec.products.parquet import table_reader
from speckle2vec.products.refused import refused

ROWS = 16_384
ROUNDING = 1e-9
TOUCHING = 1e-3
"""Share of the smaller of the two below which they meet only because outlines have corners."""
_READ = ("sample_id", "block", "split", "verdict", *COLUMNS)
Pairs = tuple[IntArray, IntArray]
"""Rows of samples, and numbers of places, pair by pair."""


@dataclass
class Join:
    """Labelled places beside the samples of a catalogue, block of rows by block of rows."""

    places: LabelledPlaces
    share: float
    """Least share of the smaller of the two, for what is no point."""
    samples: int = 0
    """Accepted samples so far that have a known place."""
    without_place: int = 0
    """Accepted samples that have none."""
    found: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Numbers of the places that lie in a sample, sorted."""
    extent: FloatArray = field(default_factory=lambda: np.array([np.inf, np.inf, -np.inf, -np.inf]))
    """Of the samples: west, south, east, north on the plane."""

    def __post_init__(self) -> None:
        shapes = self.places.shapes
        self._tree, self._areas = shapes.tree(), shapes.areas
        self._polygons = np.isnan(shapes.longitude)
        self._labels, self._codes = np.unique(self.places.labels, return_inverse=True)
        shapely.prepare(shapes.outlines[self._polygons])

    def over(self, catalogue: Path) -> Iterator[pa.Table]:
        """`id`, `block`, `split`, `labels`, `classes`, `label` (the first), `below`.

        Of the accepted samples, in the order of the catalogue: how many labelled places each
        holds, of how many classes, and how many it shares something with, but too little.
        """
        for rows in _accepted(catalogue):
            known = rows.filter(_placed(rows))
            self.without_place += len(rows) - len(known)
            self.samples += len(known)
            if len(known):
                yield self._labelled(known)

    def _labelled(self, rows: pa.Table) -> pa.Table:
        outlines = footprints(rows)
        self._widen(outlines)
        (samples, places), below = self.pairs(outlines)
        self.found = np.union1d(self.found, places)
        counts = np.zeros((len(rows), len(self._labels)), np.int64)
        np.add.at(counts, (samples, self._codes[places]), 1)
        columns = {name: rows[name] for name in ("block", "split")}
        return pa.table({
            "id": rows["sample_id"], **columns, "labels": counts.sum(axis=1),
            "classes": (counts > 0).sum(axis=1), "label": self._labels[counts.argmax(axis=1)],
            "below": np.bincount(below, minlength=len(rows)),
        })  # fmt: skip

    def pairs(self, samples: Footprints) -> tuple[Pairs, IntArray]:
        """Which samples hold which places; the samples of pairs that share too little."""
        rows, entries = self._tree.query(samples.boxes)
        parts, turns = entries % len(self._polygons), TURNS[entries // len(self._polygons)]
        area = self._polygons[parts]
        by_area, shares = self._sharing(samples, rows[area], parts[area], turns[area])
        by_point = self._holding(samples, rows[~area], parts[~area])
        enough = shares >= self.share - ROUNDING
        both = np.unique(np.concatenate([by_point, by_area[:, enough]], axis=1), axis=1)
        return (both[0], both[1]), by_area[0, ~enough & (shares > TOUCHING)]

    def _holding(self, samples: Footprints, rows: IntArray, parts: IntArray) -> IntArray:
        shapes = self.places.shapes
        inside = samples.hold(rows, shapes.longitude[parts], shapes.latitude[parts])
        return np.stack([rows[inside], shapes.owners[parts[inside]]])

    def _sharing(
        self, samples: Footprints, rows: IntArray, parts: IntArray, turns: FloatArray
    ) -> tuple[IntArray, FloatArray]:
        """Pairs, and their share of the smaller of the two; parts of a place count together."""
        there = _turned(samples.outlines[rows], -turns)
        common = _common(self.places.shapes.outlines[parts], there)
        pairs = np.stack([rows, self.places.shapes.owners[parts]])
        pairs, which = np.unique(pairs, axis=1, return_inverse=True)
        total = np.bincount(which.ravel(), common, pairs.shape[1])
        smaller = np.minimum(shapely.area(samples.outlines)[pairs[0]], self._areas[pairs[1]])
        return pairs, total / smaller

    def _widen(self, samples: Footprints) -> None:
        bounds = shapely.total_bounds(samples.outlines)
        self.extent = np.concatenate([
            np.minimum(self.extent[:2], bounds[:2]), np.maximum(self.extent[2:], bounds[2:])
        ])  # fmt: skip


def _common(places: npt.NDArray[Any], samples: npt.NDArray[Any]) -> FloatArray:
    """Area that each place shares with the sample beside it."""
    inside = shapely.contains_properly(places, samples)
    area = np.where(inside, shapely.area(samples), 0.0)
    area[~inside] = shapely.area(shapely.intersection(places[~inside], samples[~inside]))
    return area


def _turned(outlines: npt.NDArray[Any], turns: FloatArray) -> npt.NDArray[Any]:
    vertices, owners = shapely.get_coordinates(outlines, return_index=True)
    vertices[:, 0] += turns[owners]
    return np.asarray(shapely.set_coordinates(outlines.copy(), vertices))


def _accepted(catalogue: Path) -> Iterator[pa.Table]:
    """The accepted rows of the merged catalogue, a block at a time."""
    with refused(catalogue), table_reader(catalogue) as file:
        for batch in file.iter_batches(ROWS, columns=list(_READ)):
            yield accepted(pa.Table.from_batches([batch]))


def _placed(rows: pa.Table) -> pa.ChunkedArray:
    """Which samples have a grid on Earth."""
    known = rows["crs"].is_valid()
    for name in COLUMNS[1:]:
        known = pc.and_(known, rows[name].is_valid())
    return known
