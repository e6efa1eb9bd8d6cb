"""Searching embeddings: scikit-learn a query at a time, exact search, and an index.

All in ms a query on one core. `search-all`: every sample of 25,472 in one go, against
scikit-learn a query at a time; `search-one`: a query at a time on both sides; `search-index`:
the index against exact search, a query at a time; `search-index-recall`: which share of the
ten nearest it finds, against 0.95.

Embeddings are simulated with few degrees of freedom, as real ones have (1024 numbers of an
intrinsic dimension of 6 to 17). `SPECKLE2VEC_SEARCHED` says how many an index is measured on;
a million take 7 GB of memory and 4 GB of disk, and long to sort, so that fewer are the
default.
"""

import os
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from speckle2vec.evaluate.search.index import build_index
from speckle2vec.evaluate.search.rows import rows_of_table
from speckle2vec.products.embeddings import PARQUET, WIDTH, embedding_column
from speckle2vec.settings.search import Search

REPORTED = 25_472
SEARCHED = int(os.environ.get("SPECKLE2VEC_SEARCHED", "100000"))
FREEDOM, HIDDEN, TOGETHER = 12, 64, 8_192
QUERIES, SLOW_QUERIES, NEAREST = 200, 20, 10
RECALL = 0.95


def simulated(count: int):
    """Blocks of embeddings (sample, 1024) on a curved sheet, with a little noise."""
    random = np.random.default_rng(0)
    inner = random.normal(size=(FREEDOM, HIDDEN)).astype(np.float32)
    outer = random.normal(size=(HIDDEN, WIDTH)).astype(np.float32)
    for start in range(0, count, TOGETHER):
        size = min(TOGETHER, count - start)
        hidden = np.tanh(random.normal(size=(size, FREEDOM)).astype(np.float32) @ inner / 2)
        yield hidden @ outer + random.normal(scale=0.3, size=(size, WIDTH)).astype(np.float32)


def write_table(path: Path, count: int) -> None:
    """A table such as `results/embeddings.parquet`."""
    writer, start = None, 0
    for values in simulated(count):
        size = len(values)
        columns = {
            "id": [f"{row:07d}" for row in range(start, start + size)],
            "corpus": ["c"] * size,
            "longitude": np.zeros(size), "latitude": np.zeros(size),
            "dates": pa.array([[]] * size, pa.list_(pa.timestamp("ms"))),
            "embedding": embedding_column(values),
        }  # fmt: skip
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema, **PARQUET)
        writer.write_table(table)
        start += size
    writer.close()


def seconds_each(search, queries) -> float:
    """Seconds a query, one query at a time."""
    start = time.perf_counter()
    for query in queries:
        search(query[None])
    return (time.perf_counter() - start) / len(queries)


def exactly(rows, queries):
    """The nearest rows of all queries by the textbook, block by block."""
    best = np.full((len(queries), 0), -np.inf, np.float32), np.zeros((len(queries), 0), np.int64)
    for start, vectors in rows.blocks():
        cosines = np.concatenate([best[0], queries @ vectors.T], axis=1)
        numbers = np.arange(start, start + len(vectors))[None].repeat(len(queries), axis=0)
        numbers = np.concatenate([best[1], numbers], axis=1)
        order = np.argsort(-cosines, axis=1)[:, :NEAREST]
        best = np.take_along_axis(cosines, order, 1), np.take_along_axis(numbers, order, 1)
    return best[1]


def against_scikit_learn(folder: Path) -> list[dict]:
    path = folder / "reported.parquet"
    write_table(path, REPORTED)
    rows = rows_of_table(path)
    index = build_index(rows, Search(), 42)
    vectors = np.concatenate([block for _, block in rows.blocks()])
    brute = NearestNeighbors(n_neighbors=NEAREST, algorithm="brute", metric="cosine").fit(vectors)
    queries = vectors[:: REPORTED // QUERIES][:QUERIES]
    theirs = seconds_each(brute.kneighbors, queries[:SLOW_QUERIES])
    alone = seconds_each(lambda query: index.search(query, NEAREST), queries)
    start = time.perf_counter()
    _, found = index.search(vectors, NEAREST)
    together = (time.perf_counter() - start) / REPORTED
    same = brute.kneighbors(queries[:SLOW_QUERIES])[1]
    assert np.mean(found[:: REPORTED // QUERIES][:SLOW_QUERIES] == same) > 0.99
    return [
        {"name": name, "ours": 1e3 * ours, "theirs": 1e3 * theirs, "ratio": theirs / ours}
        for name, ours in (("search-all", together), ("search-one", alone))
    ]


def against_exact(folder: Path) -> list[dict]:
    path = folder / "searched.parquet"
    write_table(path, SEARCHED)
    rows = rows_of_table(path)
    queries = rows.take(np.linspace(0, SEARCHED - 1, QUERIES).astype(np.int64))
    truth = exactly(rows, queries)
    index = build_index(rows, Search(exact=1), 42)
    ours = seconds_each(lambda query: index.search(query, NEAREST), queries)
    _, found = index.search(queries, NEAREST)
    recall = np.mean([len(set(one) & set(other)) / NEAREST
                      for one, other in zip(found, truth, strict=True)])  # fmt: skip
    flat = faiss.IndexFlatIP(WIDTH)
    for _, vectors in rows.blocks():
        flat.add(vectors)
    theirs = seconds_each(lambda query: flat.search(query, NEAREST), queries[:SLOW_QUERIES])
    return [
        {"name": "search-index", "ours": 1e3 * ours, "theirs": 1e3 * theirs,
         "ratio": theirs / ours},
        {"name": "search-index-recall", "ours": float(recall), "theirs": RECALL,
         "ratio": float(recall) / RECALL},
    ]  # fmt: skip


def benchmark() -> list[dict]:
    """One core for all of them."""
    with threadpool_limits(1), tempfile.TemporaryDirectory() as name:
        return against_scikit_learn(Path(name)) + against_exact(Path(name))


if __name__ == "__main__":
    for entry in benchmark():
        print(entry)
