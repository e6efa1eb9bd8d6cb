"""OpenStreetMap: all of Liechtenstein around 50 samples, against a pass for each of them.

Theirs is the plain recipe: pyosmium's areas and GeoJSON, shapely, one box. It is timed for
one sample, and reads the file anew for each. The goal for the whole country is 30 s.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
import osmium
import pyarrow as pa
import pyproj
import shapely

from speckle2vec.corpus.osm.extract import extract_features
from speckle2vec.corpus.osm.rasters import draw_layers
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.keys import ShardKey
from speckle2vec.settings.load import parse_settings

FILE = Path(__file__).parents[3] / "shared" / "data" / "osm-extracts" / "liechtenstein.osm.pbf"
BOX = (9.471078, 47.04774, 9.636217, 47.27128)
CRS, SIDE, PIXEL, GOAL_S = "EPSG:32632", 264, 10.0, 30.0
KEY = ShardKey("liechtenstein", "train-000001")


def write_samples(folder: Path) -> int:
    """The whole country in samples side by side."""
    there = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    west, south, east, north = there.transform_bounds(*BOX)
    step = SIDE * PIXEL
    corners = [(x, y) for x in np.arange(west, east, step) for y in np.arange(north, south, -step)]
    rows = [_row(number, *corner) for number, corner in enumerate(corners)]
    write_catalogue(pa.Table.from_pylist(rows, schema=SCHEMA), KEY.part(folder, ".parquet"))
    return len(rows)


def _row(number: int, x: float, y: float) -> dict:
    back = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    longitude, latitude = back.transform(x + SIDE * PIXEL / 2, y - SIDE * PIXEL / 2)
    return {
        **dict.fromkeys(SCHEMA.names), "sample_id": f"s{number}", "corpus": KEY.corpus,
        "shard": KEY.shard, "row": number, "place": f"s{number}", "longitude": longitude,
        "latitude": latitude, "crs": CRS, "affine": [PIXEL, 0.0, x, 0.0, -PIXEL, y],
        "height": SIDE, "width": SIDE, "split": "train", "verdict": "accepted", "reason": "",
    }  # fmt: skip


def recipe(box: shapely.Polygon) -> int:
    """How many objects of a file meet a box, one after the other."""
    processor = osmium.FileProcessor(str(FILE)).with_areas(osmium.filter.EmptyTagFilter())
    processor.with_filter(osmium.filter.EmptyTagFilter())
    processor.with_filter(osmium.filter.GeoInterfaceFilter())
    shapes = (shapely.geometry.shape(one.__geo_interface__["geometry"]) for one in processor)
    return sum(shape.intersects(box) for shape in shapes)


def seconds(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def benchmark() -> list[dict[str, float | str]]:
    """Seconds of one pass for all samples, and milliseconds a sample of drawing them."""
    if not FILE.exists():
        print(f"osm: not measured, {FILE} is missing")
        return []
    settings = parse_settings(
        {"data": str(FILE.parent), "corpora": {KEY.corpus: {"source": "simulated"}},
         "osm": {"path": FILE.name}}, "benchmark",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count, features = write_samples(folder), folder / "features.parquet"
        ours = seconds(lambda: extract_features(settings, [KEY], folder, features))
        part = KEY.part(folder, ".parquet")
        drawing = seconds(lambda: draw_layers(KEY, part, features, folder / "layers.zarr.zip"))
    west, south, east, north = BOX
    one = shapely.box(west, south, west + (east - west) / 5, south + (north - south) / 10)
    theirs = count * seconds(lambda: recipe(one))
    print(f"osm: drawing takes {1000 * drawing / count:.0f} ms a sample of 10 themes")
    goal = f"osm-liechtenstein (s for {count} samples; theirs is the goal)"
    passes = f"osm-one-pass (s for {count} samples; theirs a pass for each)"
    return [
        {"name": goal, "ours": ours, "theirs": GOAL_S, "ratio": GOAL_S / ours},
        {"name": passes, "ours": ours, "theirs": theirs, "ratio": theirs / ours},
    ]


if __name__ == "__main__":
    for entry in benchmark():
        print(entry)
