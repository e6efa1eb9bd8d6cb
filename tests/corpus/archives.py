"""Corpora to cut in tests: settings, places, and candidates written by hand."""

from datetime import datetime
from pathlib import Path

import numpy as np

from speckle2vec.corpus.cutting.run import cut_shard
from speckle2vec.corpus.providers import collections_of
from speckle2vec.corpus.search.items import read_item
from speckle2vec.products.candidates import write_candidates
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.places import write_places
from speckle2vec.settings.load import parse_settings

SHARD = "train-000001"
KEY = ShardKey("own", SHARD)
POSITIONS = ((11.995, 48.05), (12.005, 48.05), (12.0, 48.045), (12.003, 48.055))
BANDS = {
    "sentinel_1": {"collection": "sentinel-1-rtc", "bands": {"VV": "vv", "VH": "vh"},
                   "nodata": -32768, "harmonised": None},
    "sentinel_2": {"collection": "sentinel-2-l2a", "harmonised": False, "bands": {
        name: name for name in ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A",
                                "B09", "B11", "B12", "SCL")}},
}  # fmt: skip


def settings_of(dates: int = 1, size: int = 64, **changes):
    """Settings of the corpus `own`; `provider` and `search` are merged, others replaced."""
    provider = {"name": "stac", "url": "http://127.0.0.1:9", "pause_s": 0, **BANDS}
    provider |= changes.pop("provider", {})
    samples = "pair" if dates == 1 else "seasons"
    search = {"start": "2021-01-01", "end": "2021-12-31", "samples": samples}
    corpus = {
        "source": "stac", "sampling": {"outlines": "x", "count": len(POSITIONS)}, "size": size,
        "search": search | changes.pop("search", {}), "provider": provider, **changes,
    }  # fmt: skip
    return parse_settings({"corpora": {"own": corpus}}, "test")


class Archive:
    """The inputs and outputs of cutting one shard, in a folder."""

    def __init__(self, folder: Path, settings, items: list[dict], places=POSITIONS) -> None:
        self.folder, self.settings, self.places = folder, settings, places
        folder.mkdir(parents=True, exist_ok=True)
        positions = np.array(places, float).reshape(-1, 2)
        count = len(places)
        write_places(folder / "places.parquet", positions, np.full(count, ""),
                     np.full(count, SHARD), {})  # fmt: skip
        self.choose(items)

    def choose(
        self,
        items: list[dict],
        without: dict[str, str] | None = None,
        others: dict[str, list[dict]] | None = None,
    ) -> None:
        """Write candidates: every item for every place, in the order of the dates.

        Places in `without` have no images, for the reason given; those in `others` have other
        items.
        """
        rows = []
        for number in range(1, len(self.places) + 1):
            place = f"{number:07d}"
            if place in (without or {}):
                rows.append({"place": place, "snapshot": 0, "role": "none",
                             "reason": without[place]})  # fmt: skip
            else:
                own = (others or {}).get(place, items)
                rows += [row | {"place": place} for row in self._rows(own)]
        write_candidates(rows, self.folder / "candidates.parquet")

    def _rows(self, items: list[dict]) -> list[dict]:
        known = {one.name: one for one in collections_of(self.settings.corpora["own"])}
        turns: dict[str, int] = {}
        rows = []
        for item in sorted(items, key=lambda one: one["properties"]["datetime"]):
            if item["collection"] not in known:
                continue
            collection = known[item["collection"]]
            image = read_item(item, collection)
            snapshot = turns[collection.role] = turns.get(collection.role, -1) + 1
            rows.append({
                "snapshot": snapshot, "role": collection.role, "item": image.item,
                "collection": collection.name, "provider": collection.provider,
                "datetime": datetime.fromisoformat(item["properties"]["datetime"]),
                "platform": image.platform, "orbit": image.orbit, "baseline": image.baseline,
                "offset": image.offset, "cloud": image.cloud, "epsg": image.epsg or None,
                "stac": image.stac, "reason": "",
            })  # fmt: skip
        return rows

    @property
    def radar(self) -> Path:
        return self.folder / "made/own/train/S1GRD/ssl4eos12_train_seasonal_data_000001.zarr.zip"

    @property
    def optical(self) -> Path:
        return self.folder / "made/own/train/S2L2A/ssl4eos12_train_seasonal_data_000001.zarr.zip"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.parquet"

    @property
    def failed(self) -> Path:
        return self.folder / "failed.parquet"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def kept(self) -> list[str]:
        """Places whose outcome is kept for the next run."""
        return sorted(path.name.partition(".")[0] for path in self.work.glob("[0-9]*"))

    def cut(self) -> None:
        outputs = {"S1": self.radar}
        if self.settings.corpora["own"].search.optical:
            outputs["S2"] = self.optical
        cut_shard(
            self.settings, KEY, self.folder / "places.parquet",
            self.folder / "candidates.parquet", self.work, self.failed, outputs, self.ledger,
        )  # fmt: skip
