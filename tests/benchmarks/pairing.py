"""Choosing four pairs for each of 10,000 places from the items of a year, against plain loops.

The items are made up over Central Europe in two zones: Sentinel-2 tiles every five days,
Sentinel-1 scenes of two satellites, ascending and descending, every twelve. They are read
from the file in which searches are kept. Theirs is the choice by a loop over all items for
a part of the places, as it is first written, scaled to all of them.
"""

import json
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.providers import L2A, RTC, Collection
from speckle2vec.corpus.search.find_images import candidate_rows
from speckle2vec.corpus.search.images import to_table
from speckle2vec.corpus.search.items import read_item
from speckle2vec.corpus.search.sensor import Sensor
from speckle2vec.products.candidates import NO_IMAGES, write_candidates
from speckle2vec.settings.archive import Sampling, Search
from speckle2vec.settings.corpora import StacCorpus

PLACES, A_PART = 10_000, 10
WEST, SOUTH, EAST, NORTH = 7.0, 46.0, 17.0, 53.0
PAIR = Search(start=date(2021, 1, 1), end=date(2021, 12, 31), samples="pair")
MOST_S = 60.0


def boxes(epsg: int, step: float, side: tuple[float, float]) -> list[tuple[float, ...]]:
    """Boxes over the area on a zone, so far from corner to corner."""
    x = np.arange(200e3, 800e3, step)
    y = np.arange(5.08e6, 5.9e6, step)
    return [(a, b, a + side[0], b + side[1]) for a in x for b in y]


def item(name: str, collection: Collection, epsg: int, box: tuple, when: str, orbit: str) -> dict:
    back = Transformer.from_crs(epsg, 4326, always_xy=True)
    ring = shapely.segmentize(shapely.box(*box), 30e3)
    outline = shapely.transform(ring, back.transform, interleaved=False)
    grid = {"proj:code": f"EPSG:{epsg}", "sat:orbit_state": orbit, "sat:relative_orbit": 1}
    assets = {
        name: {"href": f"https://images.test/{name}.tif"} for name in collection.assets.values()
    }
    return {
        "type": "Feature", "id": name, "collection": collection.name, "assets": assets,
        "geometry": shapely.geometry.mapping(outline), "bbox": list(outline.bounds),
        "properties": {"datetime": when, "platform": f"{name[:3]}", "eo:cloud_cover": 50.0,
                       "s2:processing_baseline": "03.01", **grid},
    }  # fmt: skip


def make_items(collection: Collection) -> list[dict]:
    """The items of a year."""
    random, made = np.random.default_rng(0), []
    optical = collection is L2A
    step, side = (100e3, (109.8e3, 109.8e3)) if optical else (120e3, (250e3, 190e3))
    for epsg in (32632, 32633):
        for number, box in enumerate(boxes(epsg, step, side)):
            first = np.datetime64("2021-01-01T10:00:00") + int(random.integers(0, 5 * 1440)) * 60
            for turn in range(73 if optical else 60):
                when = first + turn * (5 if optical else 6) * 86400
                name = f"S{1 + optical}{'AB'[turn % 2]}-{epsg}-{number}-{turn}"
                orbit = ("ascending", "descending")[number % 2]
                made.append(item(name, collection, epsg, box, f"{when}Z", orbit))
    return made


def corpus_of(search: Search) -> StacCorpus:
    return StacCorpus(source="stac", sampling=Sampling(outlines="x"), search=search)


def ours(folder: Path, places: np.ndarray, search: Search) -> tuple[float, list[dict]]:
    """Seconds from kept searches to written candidates, and their rows."""
    start = time.perf_counter()
    sensors = [Sensor(one, pq.read_table(folder / f"{one.role}.parquet"), search)
               for one in (RTC, L2A)]  # fmt: skip
    names = [f"{number:07d}" for number in range(len(places))]
    rows = list(candidate_rows(names, places, sensors, corpus_of(search)))
    write_candidates(rows, folder / "candidates.parquet")
    return time.perf_counter() - start, rows


def theirs(items: dict[str, list[dict]], places: np.ndarray) -> list[tuple | None]:
    """The closest pair of each place, by loops over all items."""
    shapes = {role: [shapely.geometry.shape(one["geometry"]) for one in listed]
              for role, listed in items.items()}  # fmt: skip
    times = {role: [np.datetime64(one["properties"]["datetime"][:-1]).astype(int) for one in listed]
             for role, listed in items.items()}  # fmt: skip
    found = []
    for place in places:
        pairs = []
        patches = {f"EPSG:{epsg}": degrees(patch_grid(*place, epsg, 264), epsg)
                   for epsg in (32632, 32633)}  # fmt: skip
        for at, other in enumerate(items["S2"]):
            patch = patches[other["properties"]["proj:code"]]
            if not shapes["S2"][at].contains(patch):
                continue
            for number in range(len(items["S1"])):
                apart = abs(times["S1"][number] - times["S2"][at]) // 60
                if apart <= 3 * 1440 and shapes["S1"][number].contains(patch):
                    pairs.append((apart, number, at))
        found.append(min(pairs, default=None))
    return found


def degrees(grid: GeoBox, epsg: int) -> shapely.Polygon:
    back = Transformer.from_crs(epsg, 4326, always_xy=True)
    corners = shapely.get_coordinates(grid.extent.geom)
    return shapely.Polygon([back.transform(*corner) for corner in corners])


def check_same(rows: list[dict], expected: list) -> None:
    """The delay of every pair must be that of the plain loops."""
    delays = {row["place"]: row["delay_days"] for row in rows if row["role"] != NO_IMAGES}
    for number, pair in enumerate(expected):
        ours_days = delays.get(f"{number:07d}")
        assert (pair is None) == (ours_days is None), number
        assert pair is None or abs(abs(ours_days) * 1440 - pair[0]) < 1, (number, pair, ours_days)


def benchmark() -> list[dict]:
    random = np.random.default_rng(1)
    places = random.uniform([WEST, SOUTH], [EAST, NORTH], (PLACES, 2))
    items = {one.role: make_items(one) for one in (RTC, L2A)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for one in (RTC, L2A):
            table: pa.Table = to_table(read_item(each, one) for each in items[one.role])
            pq.write_table(table, folder / f"{one.role}.parquet", compression="zstd")
        pairs_s, rows = ours(folder, places, PAIR)
        seasons_s, _ = ours(folder, places, PAIR.model_copy(update={"samples": "seasons"}))
    start = time.perf_counter()
    expected = theirs(items, places[:A_PART])
    slow = (time.perf_counter() - start) * PLACES / A_PART
    check_same(rows, expected)
    count = sum(map(len, items.values()))
    return [
        {"name": f"pairs of 10,000 places from {count} kept items, s; theirs scaled",
         "ours": pairs_s, "theirs": slow, "ratio": slow / pairs_s},
        {"name": "four seasons of the same places, s, against 60 s", "ours": seasons_s,
         "theirs": MOST_S, "ratio": MOST_S / seasons_s},
    ]  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(benchmark(), indent=2))
