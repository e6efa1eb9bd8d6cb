"""What tests of several parts need: real data, and a small corpus of cubes to train on."""

import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path

import hypothesis
import numpy as np
import pyarrow as pa
import pytest

from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.statistics import Statistics, write_statistics

# Tests run side by side and share their cores: threads that wait shall sleep, not spin.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# Nor does it say anything how long one example takes.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")

# A shell without job control lets what it starts in the background ignore Ctrl-C, and so would the
# commands that tests stop by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REAL = Path(__file__).parents[2] / "shared" / "data"
LONGEST = ("test_grid",)
FEATURES = ("vv_mean", "vh_mean", "sobel_std")
UNITS = {"vv_mean": "dB", "vh_mean": "dB", "sobel_std": "grey level"}
ATTRIBUTES = {
    "features": list(FEATURES),
    "units": UNITS,
    "calibration": "sigma0",
    "nodata": "median",
    "recipe": {"feature_set": "sar-temporal", "size": 32},
}


@dataclass(frozen=True)
class CubeCorpus:
    """Cubes (sample, 3, 32, 32) in `folder/cubes`, their catalogue and statistics."""

    folder: Path
    statistics: Statistics

    @property
    def cubes(self) -> Path:
        return self.folder / "cubes"

    @property
    def catalogue(self) -> Path:
        return self.folder / "catalogue"

    @property
    def statistics_path(self) -> Path:
        return self.folder / "statistics.json"

    def write_shard(self, shard: str, splits: list[str], side: int = 32, **attributes) -> ShardKey:
        """Write one shard; a sample whose split is empty is refused and has no cube."""
        key = ShardKey("test", shard)
        rows = [row for row, split in enumerate(splits) if split]
        random = np.random.default_rng(int(shard))
        level = random.normal(-12, 4, (len(rows), 3, 1, 1))
        cubes = (level + random.normal(0, 3, (len(rows), 3, side, side))).astype(np.float32)
        ids = [f"{shard}_{row}" for row in rows]
        write_cubes(
            key.part(self.cubes, ".zarr.zip"), iter([cubes]), ids, rows, cubes.shape[1:],
            {**ATTRIBUTES, **attributes},
        )  # fmt: skip
        table = [_row(key, row, split) for row, split in enumerate(splits)]
        write_catalogue(
            pa.Table.from_pylist(table, schema=SCHEMA), key.part(self.catalogue, ".parquet")
        )
        return key

    def changed(self, **values) -> "CubeCorpus":
        """The same cubes with other statistics."""
        return replace(self, statistics=replace(self.statistics, **values))


def _row(key: ShardKey, row: int, split: str) -> dict[str, object]:
    name = f"{key.shard}_{row}"
    told = {"sample_id": name, "corpus": key.corpus, "shard": key.shard, "row": row, "place": name}
    verdict = {"verdict": "accepted" if split else "refused", "reason": "" if split else "NaN"}
    return {**dict.fromkeys(SCHEMA.names), **told, **verdict, "split": split or "train"}


@pytest.fixture(scope="session")
def real():
    """A folder of real data beside the repository, or a skip with its name."""

    def find(name: str = "") -> Path:
        if not (REAL / name).is_dir():
            pytest.skip(f"real data are missing: {REAL / name}")
        return REAL / name

    return find


@pytest.fixture
def cube_corpus(tmp_path) -> CubeCorpus:
    """An empty corpus with statistics; shards are written by the test."""
    statistics = Statistics(
        FEATURES,
        UNITS,
        "sigma0",
        (1e4, 1e4, 1e4),
        (-12.0, -12.5, -11.0),
        (5.0, 5.5, 0.0),
        "of-test",
    )
    corpus = CubeCorpus(tmp_path, statistics)
    write_statistics(statistics, corpus.statistics_path)
    return corpus


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the runs of the workflow over all tests, the longest first.

    Workers take the tests in stretches: behind each other, minutes of them would be left to one
    worker at the end.
    """
    runs: dict[Path, list[pytest.Item]] = {}
    rest: list[pytest.Item] = []
    for item in items:
        a_run = item.path.parent.name == "workflow"
        (runs.setdefault(item.path, []) if a_run else rest).append(item)
    if not runs or not rest:
        return
    modules = sorted(runs, key=lambda path: path.stem not in LONGEST)
    step = -(-len(rest) // len(modules))
    items[:] = [
        item
        for place, path in enumerate(modules)
        for item in (*runs[path], *rest[place * step : (place + 1) * step])
    ]
