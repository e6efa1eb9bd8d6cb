"""The features `fusion` of one shard, against reading and writing alone.

Theirs is the floor: the images of the closest dates are read, scaled and written as float16
without a check, moments, positions or a digest. Run as `python -m tests.benchmarks.fusion`.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import zarr
from tests.benchmarks import memory
from zarr.storage import ZipStore

from speckle2vec.ingest.run import ingest_shard
from speckle2vec.preprocess.run import preprocess_shard
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.stores import new_store
from speckle2vec.readers.simulated import relative_path
from speckle2vec.settings.load import load_settings

ROUNDS = 3
KEY = ShardKey("demo", memory.SAMPLES_FROM)


def draw(folder: Path) -> None:
    """Both files of one shard of 64 simulated samples, where the workflow has them."""
    raw = memory.draw_raw(folder)
    places = [folder / "made/demo" / relative_path(KEY.shard, name) for name in ("S1GRD", "S2L2A")]
    for place in places:
        place.parent.mkdir(parents=True)
    raw.rename(places[0])
    memory.peak_mb(folder, "simulate", "--shard", str(KEY), "--modality", "S2L2A",
                   "--land-cover", "landcover.gpkg", "--output", str(places[1]))  # fmt: skip


def read_and_write(folder: Path) -> None:
    """The least that has to be done."""
    radar, optical = (
        zarr.open_group(ZipStore(folder / "made/demo" / relative_path(KEY.shard, name)), mode="r")
        for name in ("S1GRD", "S2L2A")
    )
    delays = np.abs(np.asarray(optical["time_"][:]) - np.asarray(radar["time_"][:])).argmin(axis=1)
    with new_store(folder / "floor.zarr.zip") as group:
        shape = 14, *radar["bands"].shape[-2:]
        cubes = group.create_array(
            "cubes", shape=(len(delays), *shape), chunks=(1, *shape), dtype="float16"
        )
        for row, date in enumerate(delays):
            reflectance = np.asarray(optical["bands"][row, date]) / np.float32(10_000)
            cubes[row] = np.concatenate([reflectance, radar["bands"][row, date]]).astype("float16")


def seconds(work) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def benchmark() -> list[dict]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder)
        settings = load_settings(folder / "config.yaml")
        ingest_shard(settings, KEY, folder / "made", folder / "part.parquet")

        def ours() -> None:
            preprocess_shard(settings, KEY, "fusion", folder / "part.parquet", folder / "made",
                             folder / "cubes.zarr.zip", 1)  # fmt: skip

        times = [(seconds(ours), seconds(lambda: read_and_write(folder))) for _ in range(ROUNDS)]
    mine, floor = (median(column) for column in zip(*times, strict=True))
    return [{"name": "fusion-shard", "ours": mine, "theirs": floor, "ratio": floor / mine}]


if __name__ == "__main__":
    print(benchmark())
