"""The page for 25,000 samples: its bytes, and the time until a browser shows it.

`report-size`: MB, against 30. `report-open`: seconds until headless Chromium has drawn all of the
first screen, against 3; `report-drawn`: until everything below is drawn as well. Without Chromium
and its driver there is only the first. The samples are simulated: fields with speckle, classes
that embeddings know of.
"""

import shutil
import tempfile
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from selenium import webdriver
from threadpoolctl import threadpool_limits

from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.embeddings import write_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.labels import LabelClass
from speckle2vec.products.statistics import Statistics, write_statistics
from speckle2vec.report.run import make_report
from speckle2vec.report.sections import Products
from speckle2vec.settings.load import parse_settings

SAMPLES, SHARD, SIDE, NEAREST, CLASSES = 25_000, 500, 32, 10, 5
MOST_MB, MOST_S = 30, 3
FEATURES = ("vv_mean", "vh_mean", "vv_std")
COLOURS = ("#e6004d", "#ffff00", "#4dff00", "#a6a6ff", "#00ccf2")
TABLE = [LabelClass(place + 1, place + 1, f"class {place + 1}", colour)
         for place, colour in enumerate(COLOURS)]  # fmt: skip


def cubes_of(random, kinds):
    """Speckled fields, (sample, feature, y, x) in dB."""
    rows, columns = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    angle, shift = random.uniform(0, np.pi, len(kinds)), random.uniform(8, 24, len(kinds))
    edge = np.sin(angle)[:, None, None] * rows + np.cos(angle)[:, None, None] * columns
    fields = -16 + 2 * kinds[:, None, None] + 4 * (edge > shift[:, None, None])
    speckle = 10 * np.log10(random.gamma(8, 1 / 8, (len(kinds), len(FEATURES), SIDE, SIDE)))
    cubes = fields[:, None] + np.array([0, -6, 16])[:, None, None] + speckle
    return cubes.astype(np.float32)


def write_shard(folder: Path, key: ShardKey, random) -> list[dict]:
    """Cubes, embeddings and labels of one shard; the rows of its catalogue."""
    ids = [f"{key.shard}_{row:03d}" for row in range(SHARD)]
    kinds = random.integers(0, CLASSES, SHARD)
    write_cubes(
        key.part(folder / "cubes", ".zarr.zip"), iter([cubes_of(random, kinds)]), ids, range(SHARD),
        (len(FEATURES), SIDE, SIDE), {"features": list(FEATURES)},
    )  # fmt: skip
    vectors = random.normal(size=(SHARD, 1024)) + 2 * np.eye(CLASSES, 1024)[kinds] * 16
    part = key.part(folder / "embeddings", ".parquet")
    write_embeddings(part, ids, vectors.astype(np.float32), {})
    labels = (SampleLabels(name, row, np.full((2, 2), kinds[row] + 1, np.uint8), 1.0)
              for row, name in enumerate(ids))  # fmt: skip
    shapes = [(2, 2)] * SHARD
    write_labels(key.part(folder / "labels", ".zarr.zip"), labels, shapes, TABLE, dict)
    days = [datetime(2020, month, 1 + int(key.shard) % 28) for month in (2, 5, 8, 11)]
    told = {"corpus": key.corpus, "shard": key.shard, "dates": days, "verdict": "accepted",
            "reason": "", "split": ("train", "train", "test")[int(key.shard) % 3]}  # fmt: skip
    return [
        {**dict.fromkeys(SCHEMA.names), **told, "sample_id": name, "place": name, "row": row,
         "longitude": random.uniform(-10, 30), "latitude": random.uniform(36, 70)}
        for row, name in enumerate(ids)
    ]  # fmt: skip


def write_run(folder: Path) -> tuple[list[ShardKey], Products]:
    """Every product that the page is made of."""
    random = np.random.default_rng(0)
    keys = [ShardKey("many", f"{number:06d}") for number in range(SAMPLES // SHARD)]
    rows = [row for key in keys for row in write_shard(folder, key, random)]
    write_catalogue(pa.Table.from_pylist(rows, schema=SCHEMA), folder / "catalogue.parquet")
    names = pa.array([row["sample_id"] for row in rows])
    found = random.integers(0, SAMPLES, SAMPLES * NEAREST)
    ends = pa.array(np.arange(SAMPLES + 1) * NEAREST, pa.int32())
    cosines = pa.array(np.sort(random.uniform(0.8, 1, len(found)))[::-1].astype(np.float32))
    near = {"id": names, "nearest": pa.ListArray.from_arrays(ends, names.take(pa.array(found))),
            "cosines": pa.ListArray.from_arrays(ends, cosines)}  # fmt: skip
    pq.write_table(pa.table(near), folder / "nearest.parquet")
    three = (-12.0, -18.0, 4.0), (4.0, 4.0, 3.0)
    units = dict.fromkeys(FEATURES, "dB")
    statistics = Statistics(FEATURES, units, "sigma0", (1e6,) * 3, *three, "simulated")
    write_statistics(statistics, folder / "statistics.json")
    (folder / "history.csv").write_text("epoch,loss,held_out_loss\n0,,4\n1,3,3\n")
    none = folder / "none.csv"
    products = Products(
        folder / "catalogue.parquet", folder / "cubes", folder / "embeddings",
        folder / "statistics.json", folder / "nearest.parquet", folder / "history.csv",
        folder / "timings", folder / "labels", none, none, none,
    )  # fmt: skip
    return keys, products


def seconds_to_open(page: Path) -> dict[str, float]:
    """Seconds from the request until the first screen, and all of the page, is drawn."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                     "--enable-unsafe-swiftshader", "--window-size=1280,900"):  # fmt: skip
        options.add_argument(argument)
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        driver.get(page.as_uri())
        for _ in range(600):
            told = driver.execute_script("return {...document.documentElement.dataset}")
            if "finished" in told:
                break
            time.sleep(0.1)
        return {name: float(told[state]) / 1000
                for name, state in (("open", "ready"), ("drawn", "finished"))}  # fmt: skip
    finally:
        driver.quit()


def entry(name: str, ours: float, most: float) -> dict:
    return {"name": name, "ours": ours, "theirs": most, "ratio": most / ours}


def benchmark() -> list[dict]:
    settings = parse_settings({"corpora": {"many": {"source": "simulated"}}}, "benchmark")
    with threadpool_limits(1), tempfile.TemporaryDirectory() as name:
        page = Path(name) / "report.html"
        keys, products = write_run(Path(name))
        make_report(settings, keys, products, page)
        entries = [entry("report-size", page.stat().st_size / 1e6, MOST_MB)]
        if shutil.which("chromium") and shutil.which("chromedriver"):
            found = seconds_to_open(page)
            entries += [entry(f"report-{name}", found[name], MOST_S) for name in found]
    return entries


if __name__ == "__main__":
    for one in benchmark():
        print(one)
