"""The images of every place of a shard: searched, chosen, written down."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.providers import collections_of
from speckle2vec.corpus.search.cache import Cache
from speckle2vec.corpus.search.images import together
from speckle2vec.corpus.search.matches import DAY_MS
from speckle2vec.corpus.search.pairing import Choice, choose
from speckle2vec.corpus.search.searches import search_places
from speckle2vec.corpus.search.sensor import Sensor
from speckle2vec.errors import UserError
from speckle2vec.products.candidates import NO_IMAGES, write_candidates
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.places import read_places
from speckle2vec.progress import LOGGER
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
