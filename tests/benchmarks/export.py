"""Writing the embeddings' CSV, against pandas reading the same parts and writing the same CSV."""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from speckle2vec.embed.export import export_embeddings
from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.products.embeddings import WIDTH, write_embeddings
from speckle2vec.products.keys import ShardKey

SHARDS, SAMPLES, ROUNDS = 40, 64, 3


def make_parts(folder: Path) -> list[ShardKey]:
    rng = np.random.default_rng(0)
    keys = [ShardKey("corpus", f"train-{number:06d}") for number in range(SHARDS)]
    rows = []
    for key in keys:
        names = [f"{key.shard}-{row}" for row in range(SAMPLES)]
        values = rng.normal(size=(SAMPLES, WIDTH)).astype(np.float32)
        write_embeddings(key.part(folder, ".parquet"), names, values, {})
        rows += [
            {"sample_id": name, "corpus": key.corpus, "shard": key.shard, "row": row,
             "place": name, "dates": [], "split": "train", "verdict": "accepted", "reason": ""}
            for row, name in enumerate(names)
        ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), folder / "catalogue.parquet")
    return keys


def ours(folder: Path, keys: list[ShardKey]) -> None:
    catalogue = folder / "catalogue.parquet"
    export_embeddings(keys, catalogue, folder, folder / "ours.csv", folder / "ours.parquet")


def theirs(folder: Path, keys: list[ShardKey]) -> None:
    parts = [pd.read_parquet(key.part(folder, ".parquet")) for key in keys]
    table = pd.concat(parts, ignore_index=True)
    frame = pd.DataFrame(np.stack(table["embedding"]), columns=[str(i) for i in range(WIDTH)])
    frame.insert(0, "id", table["id"])
    frame.to_csv(folder / "theirs.csv", index=False)


def benchmark() -> list[dict]:
    seconds: dict = {ours: [], theirs: []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys = make_parts(folder)
        for _ in range(ROUNDS):
            for function, measured in seconds.items():
                start = time.perf_counter()
                function(folder, keys)
                measured.append(time.perf_counter() - start)
        same = [pd.read_csv(folder / file) for file in ("ours.csv", "theirs.csv")]
        pd.testing.assert_frame_equal(*same, check_exact=False, rtol=1e-7)
    fast, slow = (statistics.median(seconds[function]) for function in (ours, theirs))
    return [{"name": "csv", "ours": fast, "theirs": slow, "ratio": slow / fast}]


if __name__ == "__main__":
    print(benchmark())
