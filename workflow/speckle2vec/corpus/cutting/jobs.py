"""What is to be cut at each place of a shard: the images chosen before, and the grid."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.troubles import UnusableError
from speckle2vec.errors import UserError
from speckle2vec.products.candidates import NO_IMAGES, OPTICAL, RADAR, read_candidates
from speckle2vec.products.places import read_places

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Job:
    """One place and the images of it."""

    place: str
    longitude: float
    latitude: float
    images: Mapping[str, tuple[Row, ...]]
    """Rows of the candidates by role, in the order of the Sentinel-1 dates."""
    reason: str = ""
    """Why there are none."""

    @property
    def made_from(self) -> list[object]:
        """All that its patch depends on, of this place alone."""
        rows = {role: [_plain(row) for row in rows] for role, rows in self.images.items()}
        return [self.place, self.longitude, self.latitude, rows, self.reason]

    @property
    def epsg(self) -> int:
        """Code of the grid: that of the first Sentinel-2 image, else of the first image.

        Raises:
            UnusableError: The image does not say.
        """
        first = next(self.images[role][0] for role in (OPTICAL, RADAR) if self.images.get(role))
        if first["epsg"] is None:
            raise UnusableError(f"{first['item']} does not say in which coordinate system it is")
        return int(first["epsg"])

    def grid(self, size: int) -> GeoBox:
        """The grid of the patch."""
        return patch_grid(self.longitude, self.latitude, self.epsg, size)


def jobs_of(places: Path, candidates: Path, shard: str) -> list[Job]:
    """The places of a shard with their images, in the order of the places.

    Raises:
        UserError: A file is missing or damaged, or the candidates are of other places.
    """
    rows: dict[str, list[Row]] = {}
    for row in read_candidates(candidates).to_pylist():
        rows.setdefault(row["place"], []).append(row)
    known = read_places(places, shard).to_pylist()
    if {place["place"] for place in known} != set(rows):
        raise UserError(
            f"{candidates}: is of other places than {places} has in {shard}; remove it and run "
            "the same command again."
        )
    return [_job(place, rows[place["place"]]) for place in known]


def _job(place: Row, rows: Sequence[Row]) -> Job:
    reason = next((row["reason"] for row in rows if row["role"] == NO_IMAGES), "")
    taken = [row for row in rows if row["role"] == RADAR]
    order = sorted(taken, key=lambda row: (row["datetime"], row["item"]))
    turns = {row["snapshot"]: turn for turn, row in enumerate(order)}
    images = {
        role: tuple(
            sorted((row for row in rows if row["role"] == role),
                   key=lambda row: turns.get(row["snapshot"], len(turns)))
        )
        for role in (RADAR, OPTICAL)
    }  # fmt: skip
    return Job(place["place"], place["longitude"], place["latitude"], images, reason)


def _plain(row: Row) -> Row:
    return {**row, "datetime": row["datetime"].isoformat(), "stac": json.loads(row["stac"])}
