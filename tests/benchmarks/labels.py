"""Labels: against clipping with geopandas sample by sample, and memory for a million polygons.

Both sides make the same rasters in memory, from the same file on disk; the rasters are
compared. `labels-clip` clips in each sample's own reference system, as one writes it first;
`labels-clip-read-by-box` reads only the sample's box and clips before it reprojects.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyogrio
import rasterio.features
import shapely
import yaml
from affine import Affine
from odc.geo.geobox import GeoBox
from tests.benchmarks.memory import peak_mb

from speckle2vec.corpus.simulated.demo import draw_land_cover
from speckle2vec.corpus.simulated.fields import World
from speckle2vec.corpus.simulated.places import draw_place
from speckle2vec.landcover.labels.classes import OUTSIDE, Legend
from speckle2vec.landcover.labels.vector import open_source
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.settings.labels import LAYER, Labels
from speckle2vec.settings.load import parse_settings

CORPUS, SHARD, TURNS = "demo", "train-000001", 3
SIDE = 1000
"""Squares a side of the synthetic file: a million polygons of 500 m."""
SQUARE_M, CORNER_M = 500.0, (4_000_000.0, 2_700_000.0)
FEW, MANY = 8, 64


def ours(path: Path, grids: list[GeoBox]) -> list[np.ndarray]:
    labels = Labels(source="vector", path=str(path))
    source = open_source(labels, {"": str(path)}, Legend(labels))
    return [source.read("", grid) for grid in grids]


def clipped(path: Path, grids: list[GeoBox]) -> list[np.ndarray]:
    """The whole file reprojected and clipped for every sample."""
    whole = gpd.read_file(path, layer=LAYER)
    images = []
    for grid in grids:
        there = whole.to_crs(str(grid.crs))
        images.append(burn(gpd.clip(there, shapely.box(*grid.boundingbox)), grid))
    return images


def clipped_by_box(path: Path, grids: list[GeoBox]) -> list[np.ndarray]:
    """Only the sample's box read, clipped, then reprojected."""
    images = []
    for grid in grids:
        outline = gpd.GeoSeries([shapely.box(*grid.boundingbox)], crs=str(grid.crs)).to_crs(3035)
        near = gpd.read_file(path, layer=LAYER, bbox=tuple(outline.total_bounds))
        images.append(burn(gpd.clip(near, outline.buffer(50)).to_crs(str(grid.crs)), grid))
    return images


def burn(frame: gpd.GeoDataFrame, grid: GeoBox) -> np.ndarray:
    classes = frame["Code_18"].astype(int) // 100
    pairs = zip(frame.geometry, classes, strict=True)
    return rasterio.features.rasterize(
        pairs, grid.shape, OUTSIDE, transform=grid.affine, dtype="uint8"
    )


def seconds(make: Callable[[], list[np.ndarray]]) -> tuple[float, list[np.ndarray]]:
    start = time.perf_counter()
    images = make()
    return time.perf_counter() - start, images


def speed(folder: Path) -> list[dict]:
    """Best of turns taken, over the 64 samples of a shard of the demo."""
    settings = parse_settings({"corpora": {CORPUS: {"source": "simulated"}}}, "labels")
    path = folder / "landcover.gpkg"
    draw_land_cover(settings, CORPUS, path)
    world = World(settings.seed, CORPUS)
    grids = [draw_place(world, SHARD, row).grid for row in range(64)]
    entries = []
    for name, theirs in (("labels-clip", clipped), ("labels-clip-read-by-box", clipped_by_box)):
        turns = []
        for _ in range(TURNS):
            first, images = seconds(lambda: ours(path, grids))
            second, others = seconds(lambda theirs=theirs: theirs(path, grids))
            turns.append((first, second))
            wrong = np.mean(np.stack(images) != np.stack(others))
            assert wrong < 1e-5, f"{name}: {wrong} of the pixels differ"
        best = [1000 * min(times) / len(grids) for times in zip(*turns, strict=True)]
        label = f"{name} (ms a sample)"
        entries.append(
            {"name": label, "ours": best[0], "theirs": best[1], "ratio": best[1] / best[0]}
        )
    return entries


def write_million(path: Path) -> None:
    """Squares side by side in EPSG:3035, written in bands so that this stays small too."""
    west, south = CORNER_M
    x = west + SQUARE_M * np.arange(SIDE)
    for start in range(0, SIDE, 100):
        y = south + SQUARE_M * np.arange(start, start + 100)
        left, low = (axis.ravel() for axis in np.meshgrid(x, y))
        squares = shapely.segmentize(
            shapely.box(left, low, left + SQUARE_M, low + SQUARE_M), SQUARE_M / 4
        )
        codes = np.array(["112", "211", "311", "411", "523"])[np.arange(len(left)) % 5]
        frame = gpd.GeoDataFrame({"Code_18": codes}, geometry=squares, crs=3035)
        pyogrio.write_dataframe(frame, path, layer=LAYER, append=start > 0)


def write_part(path: Path, count: int) -> None:
    """A part of the catalogue with samples scattered over the squares, in UTM zone 32."""
    random = np.random.default_rng(0)
    middle = np.array(CORNER_M) + SQUARE_M * random.uniform(50, SIDE - 50, (count, 2))
    points = gpd.points_from_xy(*middle.T, crs=3035)
    places = zip(points.to_crs(32632), points.to_crs(4326), strict=True)
    rows = [_row(number, *place) for number, place in enumerate(places)]
    write_catalogue(pa.Table.from_pylist(rows, schema=SCHEMA), path)


def _row(number: int, point: shapely.Point, degrees: shapely.Point) -> dict:
    affine = Affine(10, 0, round(point.x, -1), 0, -10, round(point.y, -1))
    return {
        **dict.fromkeys(SCHEMA.names), "sample_id": f"s{number}", "corpus": CORPUS,
        "shard": SHARD, "row": number, "place": f"s{number}", "longitude": degrees.x,
        "latitude": degrees.y, "crs": "EPSG:32632", "affine": list(affine[:6]), "height": 264,
        "width": 264, "split": "train", "verdict": "accepted", "reason": "",
    }  # fmt: skip


def memory(folder: Path) -> dict:
    """Peak of labelling few and many samples from a million polygons, MB."""
    write_million(folder / "million.gpkg")
    labels = {"source": "vector", "path": str(folder / "million.gpkg")}
    config = {"corpora": {CORPUS: {"source": "simulated"}}, "labels": labels}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    peaks = []
    for count in (FEW, MANY):
        write_part(folder / f"{count}.parquet", count)
        peaks.append(
            peak_mb(folder, "labels", "--shard", f"{CORPUS}/{SHARD}", "--catalogue",
                    f"{count}.parquet", "--output", f"{count}.zarr.zip")
        )  # fmt: skip
    name = f"memory-labels, a million polygons (MB; ours {MANY} samples, theirs {FEW})"
    return {"name": name, "ours": peaks[1], "theirs": peaks[0], "ratio": peaks[0] / peaks[1]}


def benchmark() -> list[dict]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [*speed(folder), memory(folder)]


if __name__ == "__main__":
    for one in benchmark():
        print(one)
