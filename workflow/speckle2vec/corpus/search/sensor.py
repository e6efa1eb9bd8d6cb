"""The images of one sensor: what candidates say of them, and why some are not looked at."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from speckle2vec.corpus.providers import Collection
from speckle2vec.corpus.search.coverage import at_points
from speckle2vec.corpus.search.images import columns
from speckle2vec.corpus.search.pairing import taken, usable
from speckle2vec.products.candidates import OPTICAL
from speckle2vec.settings.archive import Search


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
        table = self._table.take(np.array([self._rows[one] for one in asked], np.int64))
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
