"""Places drawn uniform by area over the world's land, against geopandas; time and memory.

Theirs projects the same outlines to EPSG:6933 and calls `sample_points`, which gives no
more than the points: no order that a larger draw keeps, no strata, no names. Both include
the start of Python. With a least distance ours draws one after another.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from tests.benchmarks.memory import peak_mb

PLACES, ROUNDS = 100_000, 3
MOST_SECONDS, MOST_MEMORY_MB = 10.0, 1024.0
OUTLINES = Path(__file__).parents[3] / "shared" / "data" / "boundaries" / "ne_50m_land.geojson"
THEIRS = """
import sys, geopandas
land = geopandas.read_file(sys.argv[1]).to_crs(6933).union_all()
points = geopandas.GeoSeries([land], crs=6933).sample_points(int(sys.argv[2]), rng=1)
points.to_crs(4326).explode().to_frame("geometry").to_parquet("theirs.parquet")
"""


def seconds(folder: Path, command: list[str]) -> float:
    """Wall-clock seconds of a process, the best of some."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], cwd=folder, check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return min(taken)


def draw(corpus: str) -> list[str]:
    return ["draw-places", "--corpus", corpus, "--output", f"{corpus}.parquet"]


def corpus(**sampling) -> dict:
    search = {"start": "2020-01-01", "end": "2020-12-31"}
    sampling = {"outlines": str(OUTLINES), "count": PLACES, **sampling}
    return {"source": "stac", "search": search, "sampling": sampling}


def benchmark() -> list[dict]:
    if not OUTLINES.exists():
        print(f"  left out: there is no {OUTLINES.name}")
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = {"corpora": {"free": corpus(), "apart": corpus(minimum_km=10.0)}}
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        settings = ["--config", "config.yaml"]
        free = seconds(folder, ["-m", "speckle2vec", *draw("free"), *settings])
        apart = seconds(folder, ["-m", "speckle2vec", *draw("apart"), *settings])
        theirs = seconds(folder, ["-c", THEIRS, str(OUTLINES), str(PLACES)])
        held = peak_mb(folder, *draw("free"))
    return [
        {"name": "100,000 places on land, s", "ours": free, "theirs": theirs,
         "ratio": theirs / free},
        {"name": "their peak memory, MB, against 1 GB", "ours": held, "theirs": MOST_MEMORY_MB,
         "ratio": MOST_MEMORY_MB / held},
        {"name": "100,000 places 10 km apart, s, against 10 s", "ours": apart,
         "theirs": MOST_SECONDS, "ratio": MOST_SECONDS / apart},
    ]  # fmt: skip


if __name__ == "__main__":
    print(benchmark())
