"""The images of every place of a shard: searched, chosen, written down."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speckle2vec.corpus.providers import Collection, collections_of
from speckle2vec.corpus.search.cache import Cache
from speckle2vec.corpus.search.coverage import at_points
from speckle2vec.corpus.search.images import columns, together
from speckle2vec.corpus.search.matches import DAY_MS
from speckle2vec.corpus.search.pairing import Choice, choose, taken, usable
from speckle2vec.corpus.search.searches import search_places
from speckle2vec.errors import UserError
from speckle2vec.products.candidates import NO_IMAGES, OPTICAL, write_candidates
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.places import read_places
from speckle2vec.progress import LOGGER
from speckle2vec.settings.archive import Search
from speckle2vec.settings.corpora import StacCorpus
from speckle2vec.settings.root import Settings

Integers = npt.NDArray[np.int64]
TOGETHER = 64
"""Places whose images are read at once."""
_ABSENT = dict.fromkeys(
    ("item", "collection", "provider", "datetime", "delay_days", "platform", "orbit", "baseline",
     "offset", "cloud", "epsg", "stac")
)  # fmt: skip


def find_images(settings: Settings, key: ShardKey, places: Path, cache: Path, output: Path) -> None:
    """Search and choose the images of the places of one shard.

    Args:
        settings: All settings; the corpus is read.
        key: The shard.
        places: The places of the corpus.
        cache: Folder of the searches made before.
        output: `results/corpora/{corpus}/candidates/{shard}.parquet`.

    Raises:
        UserError: The corpus is not cut from archives, its provider has no such images, or
            an archive refuses or goes on failing.
    """
    corpus = stac_corpus(settings, key.corpus)
    collections = collections_of(corpus)
    table = read_places(places, key.shard)
    columns_read = (table[name].to_pylist() for name in ("place", "longitude", "latitude"))
    listed = list(zip(*columns_read, strict=True))
    found = search_places(
        listed, collections, corpus.search, corpus.provider, Cache(cache / key.shard),
        f"Searching images of {key}",
    )  # fmt: skip
    sensors = [Sensor(one, together(found[one.role]), corpus.search) for one in collections]
    positions = np.array([place[1:] for place in listed], np.float64).reshape(-1, 2)
    rows = list(candidate_rows([place[0] for place in listed], positions, sensors, corpus))
    write_candidates(rows, output)
    without = sum(row["role"] == NO_IMAGES for row in rows)
    LOGGER.info("%s: %d of %d places have images", key, len(listed) - without, len(listed))


def stac_corpus(settings: Settings, corpus: str) -> StacCorpus:
    """The settings of a corpus that is cut from archives.

    Raises:
        UserError: There is none of that name.
    """
    declared = settings.corpora.get(corpus)
    if not isinstance(declared, StacCorpus):
        known = [name for name, one in settings.corpora.items() if one.source == "stac"]
        raise UserError(
            f"{corpus!r} is no corpus with `source: stac` in the settings; those are: "
            f"{', '.join(known) or 'none'}."
        )
    return declared


class Sensor:
    """The images of one collection: as found, and those that can be cut."""

    def __init__(self, collection: Collection, table: pa.Table, search: Search) -> None:
        self.collection = collection
        self._table, self._all = table, columns(table)
        self._most_cloud = search.most_cloud if collection.role == OPTICAL else None
        kept = usable(self._all, search, self._most_cloud)
        row = {item: at for at, item in enumerate(self._all.items)}
        self._rows = [row[item] for item in kept.items]
        self.usable = kept

    def rows(self, positions: Sequence[int]) -> dict[int, dict[str, Any]]:
        """What the candidates say of some usable images, by position."""
        asked = sorted(set(positions))
        table = self._table.take([self._rows[one] for one in asked])
        return {at: self._row(told) for at, told in zip(asked, table.to_pylist(), strict=True)}

    def _row(self, told: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "role": self.collection.role, "item": told["item"],
            "collection": self.collection.name, "provider": self.collection.provider,
            "datetime": told["time_ms"], "platform": told["platform"] or None,
            "orbit": told["orbit"] or None, "baseline": told["baseline"] or None,
            "offset": told["offset"], "cloud": told["cloud"], "epsg": told["epsg"],
            "stac": told["stac"], "reason": "",
        }  # fmt: skip

    def passed_over(self, longitude: float, latitude: float) -> str:
        """Why images over a place were not looked at, for a person; empty where all were."""
        point = np.array([longitude]), np.array([latitude])
        seen = taken(self._all, at_points(*point, self._all).image)
        told = Counter(problem for problem in seen.problems if problem)
        if self._most_cloud is not None:
            told[f"more cloud than {self._most_cloud:g} %"] = int(
                ((seen.problems == "") & ~(seen.clouds <= self._most_cloud)).sum()
            )
        listed = [f"{count} x {text}" for text, count in told.most_common() if count]
        return f"; images of {self.collection.role}: {', '.join(listed)}" if listed else ""


def candidate_rows(
    names: Sequence[str],
    positions: npt.NDArray[np.float64],
    sensors: Sequence[Sensor],
    corpus: StacCorpus,
) -> Iterator[Mapping[str, Any]]:
    """Rows of the candidates, in the order of the places.

    Args:
        names: Of the places.
        positions: Longitude and latitude, degrees, (place, 2).
        sensors: Sentinel-1, and Sentinel-2 where it is asked.
        corpus: What a sample is made of.
    """
    optical = sensors[1].usable if len(sensors) > 1 else None
    choices = choose(
        positions[:, 0], positions[:, 1], sensors[0].usable, optical, corpus.search, corpus.size
    )
    listed = list(zip(names, positions.tolist(), choices, strict=True))
    for start in range(0, len(listed), TOGETHER):
        yield from _rows(listed[start : start + TOGETHER], sensors)


def _rows(
    listed: Sequence[tuple[str, list[float], Choice]], sensors: Sequence[Sensor]
) -> Iterator[Mapping[str, Any]]:
    """Rows of some places, whose images are read at once."""
    told = [
        sensor.rows([pair[which] for _, _, choice in listed for pair in choice.snapshots])
        for which, sensor in enumerate(sensors)
    ]
    for name, position, choice in listed:
        for snapshot, pair in enumerate(choice.snapshots):
            images = [rows[at] for rows, at in zip(told, pair, strict=False)]
            yield from _snapshot(name, snapshot, images)
        if not choice.snapshots:
            over = "".join(sensor.passed_over(*position) for sensor in sensors)
            none = {"place": name, "snapshot": 0, "role": NO_IMAGES}
            yield {**_ABSENT, **none, "reason": choice.reason + over}


def _snapshot(
    name: str, snapshot: int, images: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    delay = None
    if len(images) > 1:
        delay = (images[1]["datetime"] - images[0]["datetime"]) / DAY_MS
    for image in images:
        yield {"place": name, "snapshot": snapshot, "delay_days": delay, **image}
