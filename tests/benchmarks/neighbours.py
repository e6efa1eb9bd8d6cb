"""The table of neighbours of 100,000 places, against scikit-learn's ball tree; and its memory.

The places are uniform on caps that cover about as much of the sphere as land does. Both
read 1,563 parts of the catalogue and write a table; theirs does so with pandas and looks
for all neighbours within the radius by the haversine formula, sorted. Ours includes the
start of Python.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from sklearn.neighbors import BallTree
from tests.benchmarks.memory import peak_mb

from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.neighbours import read_neighbours
from speckle2vec.products.sphere import unit_vectors

PLACES, TOGETHER, ROUNDS = 100_000, 64, 3
RADIUS = 1.0
MOST_MEMORY_MB = 2048.0
CONTINENTS = (  # longitude, latitude and radius of a cap, degrees
    (20, 5, 33), (85, 48, 36), (-100, 50, 25), (-60, -15, 21), (135, -25, 16), (0, -90, 17),
)  # fmt: skip


def draw_places() -> np.ndarray:
    """Longitude and latitude, (place, 2), uniform by area on the caps."""
    random = np.random.default_rng(0)
    centres = np.array(CONTINENTS, float)
    vectors = unit_vectors(centres[:, 0], centres[:, 1])
    kept: list[np.ndarray] = []
    while sum(map(len, kept)) < PLACES:
        east = random.uniform(-180, 180, PLACES)
        north = np.degrees(np.arcsin(random.uniform(-1, 1, PLACES)))
        inside = unit_vectors(east, north) @ vectors.T > np.cos(np.radians(centres[:, 2]))
        kept.append(np.stack([east, north], axis=1)[inside.any(axis=1)])
    return np.concatenate(kept)[:PLACES]


def make_catalogue(folder: Path, places: np.ndarray) -> None:
    """Parts of the catalogue as ingest writes them, a list of shards, and a config."""
    keys = []
    for start in range(0, PLACES, TOGETHER):
        keys.append(ShardKey("land", f"train-{start // TOGETHER:06d}"))
        rows = [
            {**dict.fromkeys(SCHEMA.names), "sample_id": f"{start + row:07d}", "corpus": "land",
             "shard": keys[-1].shard, "row": row, "place": "", "longitude": east,
             "latitude": north, "split": "train", "verdict": "accepted", "reason": ""}
            for row, (east, north) in enumerate(places[start : start + TOGETHER].tolist())
        ]  # fmt: skip
        path = keys[-1].part(folder / "catalogue", ".parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)
    (folder / "shards.txt").write_text("".join(f"{key}\n" for key in keys))
    config = {"corpora": {"land": {"source": "simulated"}}, "neighbours": {"radius": RADIUS}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


COMMAND = (
    "neighbours", "--shards", "shards.txt", "--catalogue", "catalogue", "--output", "table.parquet",
)  # fmt: skip


def ours(folder: Path) -> float:
    """Seconds of the command, the start of Python included."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "speckle2vec", *COMMAND, "--config", "config.yaml"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


def theirs(folder: Path) -> tuple[float, np.ndarray]:
    """Seconds of the same by pandas and scikit-learn, and each place's number of neighbours."""
    start = time.perf_counter()
    parts = sorted((folder / "catalogue").rglob("*.parquet"))
    frame = pd.concat([pd.read_parquet(path) for path in parts], ignore_index=True)
    radians = np.radians(frame[["latitude", "longitude"]].to_numpy())
    tree = BallTree(radians, metric="haversine")
    found, apart = tree.query_radius(
        radians, np.radians(RADIUS), return_distance=True, sort_results=True
    )
    ids = frame["sample_id"].to_numpy()
    table = pd.DataFrame({"sample_id": ids, "neighbours": [ids[one[1:]] for one in found]})
    table["distances"] = [np.degrees(one[1:]) for one in apart]
    table.to_parquet(folder / "theirs.parquet")
    return time.perf_counter() - start, np.array([len(one) - 1 for one in found])


def check_same(folder: Path, counts: np.ndarray) -> None:
    """Every place must have as many neighbours by ours as by theirs, up to the most listed."""
    degrees = pa.concat_tables(read_neighbours(folder / "table.parquet"))["distances"].to_pylist()
    listed = np.array([sum(one < RADIUS for one in row) for row in degrees])
    np.testing.assert_array_equal(listed, np.minimum(counts, 64))


def benchmark() -> list[dict]:
    with tempfile.TemporaryDirectory() as name:
        folder, places = Path(name), draw_places()
        make_catalogue(folder, places)
        fast = min(ours(folder) for _ in range(ROUNDS))
        slow, counts = theirs(folder)
        check_same(folder, counts)
        held = peak_mb(folder, *COMMAND)
    return [
        {"name": "neighbours of 100,000 places, s", "ours": fast, "theirs": slow,
         "ratio": slow / fast},
        {"name": "their peak memory, MB, against 2 GB", "ours": held, "theirs": MOST_MEMORY_MB,
         "ratio": MOST_MEMORY_MB / held},
    ]  # fmt: skip


if __name__ == "__main__":
    print(benchmark())
