"""Cutting one place: its images read, converted and judged."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox

from speckle2vec.corpus.cutting.jobs import Job, Row
from speckle2vec.corpus.cutting.loading import Arrays, environment, load_image
from speckle2vec.corpus.cutting.numbers import cloud_mask, decibels, offset_of, reflectance
from speckle2vec.corpus.cutting.patches import Patch, Series
from speckle2vec.corpus.earth_engine.pixels import load_pixels
from speckle2vec.corpus.patience import Patience
from speckle2vec.corpus.providers import EARTH_ENGINE, SCENE_CLASSES, Collection
from speckle2vec.corpus.troubles import TemporaryError, UnusableError
from speckle2vec.products.candidates import OPTICAL, RADAR
from speckle2vec.products.ledger import CUT, FAILED, REFUSED, Entry
from speckle2vec.readers.base import POLARISATIONS
from speckle2vec.settings.corpora import StacCorpus
from speckle2vec.settings.corpus import OPTICAL_BANDS

Image = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Outcome:
    """What became of one place."""

    entry: Entry
    patch: Patch | None
    repeats: int
    """Tries beyond one an image."""


@dataclass(frozen=True)
class Cutter:
    """Cuts places of one corpus; several threads may share it."""

    corpus: StacCorpus
    collections: Mapping[str, Collection]
    """Where the images come from, by role."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set where the run ends early: nothing more is read."""

    def cut(self, job: Job) -> Outcome:
        """Cut one place.

        Raises:
            UserError: No other place would fare better: images are not handed out, or
                nobody says what their numbers are.
        """
        work = _Work(self, job)
        try:
            patch = work.patch()
        except UnusableError as error:
            return work.outcome(REFUSED, str(error))
        except TemporaryError as error:
            return work.outcome(REFUSED if self._gives_up else FAILED, str(error), read=False)
        return work.outcome(CUT, patch=patch)

    @property
    def _gives_up(self) -> bool:
        return self.corpus.provider.give_up and not self.stopping.is_set()


class _Work:
    """One place while it is being cut."""

    def __init__(self, cutter: Cutter, job: Job) -> None:
        self.job, self.corpus, self.collections = job, cutter.corpus, cutter.collections
        self.valid: float | None = None
        self.patience = {
            role: Patience(cutter.corpus.provider, cutter.stopping, collection.signed)
            for role, collection in cutter.collections.items()
        }

    def outcome(
        self, verdict: str, reason: str = "", read: bool = True, patch: Patch | None = None
    ) -> Outcome:
        valid = self.valid if read else None
        repeats = sum(patience.repeats for patience in self.patience.values())
        return Outcome(Entry(self.job.place, verdict, reason, valid), patch, repeats)

    def patch(self) -> Patch:
        if self.job.reason:
            raise UnusableError(self.job.reason)
        grid = self.job.grid(self.corpus.size)
        sensors = {role: self._series(role, grid) for role in self.collections}
        return Patch(self.job.epsg, sensors)

    def _series(self, role: str, grid: GeoBox) -> Series:
        rows, dates = self.job.images[role], self.corpus.dates
        if len(rows) != dates:
            raise UnusableError(
                f"{len(rows)} images of {role} were chosen, and {dates} are declared"
            )
        images = [self._image(role, row, grid) for row in rows]
        return Series(
            {name: np.stack([image[name] for image in images]) for name in images[0]},
            tuple(row["datetime"].replace(tzinfo=None).isoformat() for row in rows),
            tuple(row["item"] for row in rows),
            _notes(role, rows, self.corpus),
        )

    def _image(self, role: str, row: Row, grid: GeoBox) -> Image:
        numbers = self._numbers(role, row, grid)
        if role == RADAR:
            return {"bands": self._radar(row, numbers)}
        offset = offset_of(row, self.corpus)
        bands = {name: reflectance(numbers[name], offset) for name in OPTICAL_BANDS}
        self._judge(row, {name: band != 0 for name, band in bands.items()})
        mask = cloud_mask(numbers.get(SCENE_CLASSES), (grid.shape.y, grid.shape.x))
        return {"bands": np.stack(list(bands.values())), "cloud_mask": mask}

    def _radar(self, row: Row, numbers: Arrays) -> npt.NDArray[np.float16]:
        collection = self.collections[RADAR]
        bands = {
            name: decibels(numbers[name], collection, f"{name} of {row['item']}")
            for name in POLARISATIONS
        }
        self._judge(row, {name: np.isfinite(band) for name, band in bands.items()})
        return np.stack(list(bands.values()))

    def _numbers(self, role: str, row: Row, grid: GeoBox) -> Arrays:
        """The bands of one image as the archive stores them."""
        collection = self.collections[role]
        wanted = POLARISATIONS if role == RADAR else (*OPTICAL_BANDS, SCENE_CLASSES)

        def load(again: bool) -> Arrays:
            if collection.protocol == EARTH_ENGINE:
                return load_pixels(row["stac"], collection, wanted, grid, self.corpus.provider)
            with environment(self.corpus.provider, again):
                return load_image(row["stac"], collection, wanted, grid)

        return self.patience[role].ask(load)

    def _judge(self, row: Row, known: Mapping[str, npt.NDArray[np.bool_]]) -> None:
        """Refuse an image of which too little is known."""
        shares = {name: float(pixels.mean()) for name, pixels in known.items()}
        worst = min(shares, key=lambda name: shares[name])
        self.valid = min(shares[worst], 1.0 if self.valid is None else self.valid)
        least = self.corpus.minimum_valid
        if shares[worst] < least:
            raise UnusableError(
                f"{worst} of {row['datetime']:%Y-%m-%d} has {shares[worst]:.1%} pixels with a "
                f"value, less than `minimum_valid` ({least:.1%})"
            )


def _notes(role: str, rows: Sequence[Row], corpus: StacCorpus) -> dict[str, tuple[str | int, ...]]:
    """What else a shard says of each image."""
    names = ("platform", "orbit") if role == RADAR else ("platform", "baseline")
    notes: dict[str, tuple[str | int, ...]] = {
        name: tuple(row[name] or "" for row in rows) for name in names
    }
    if role == OPTICAL:
        notes["offset_applied"] = tuple(offset_of(row, corpus) for row in rows)
    return notes
