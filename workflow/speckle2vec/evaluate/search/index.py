"""The stage: an index of all embeddings, which answers what is most alike by cosine."""

import math
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.evaluate.search.rows import Rows
from speckle2vec.products.embeddings import WIDTH
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER, track
from speckle2vec.provenance import generator
from speckle2vec.settings.root import Settings
from speckle2vec.settings.search import Search

SEEN_A_CELL = 40
"""Samples a cell is learned from; below 39 faiss warns of too few."""
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


def index_embeddings(settings: Settings, rows: Rows, output: Path) -> None:
    """Write the index of all samples; the same embeddings give the same bytes.

    Args:
        settings: All settings; the seed and the group `search` count.
        rows: The samples.
        output: `results/search/{model}/index.faiss`.

    Raises:
        UserError: An embedding is damaged.
    """
    index = build_index(rows, settings.search, settings.seed)
    with whole_file(output) as target:
        faiss.write_index(index, str(target))


def build_index(rows: Rows, wanted: Search, seed: int) -> Any:  # noqa: ANN401 faiss has no types
    """All samples one by one where they are few; else in cells, as float16.

    The cells are an inverted file (Jegou et al., 2011, doi:10.1109/TPAMI.2010.57).
    """
    faiss.omp_set_num_threads(wanted.threads)
    few = len(rows) <= wanted.exact
    index = faiss.IndexFlatIP(WIDTH) if few else _cells(rows, wanted, seed)
    for _, vectors in track(rows.blocks(), math.ceil(len(rows) / 8192), "Indexing"):
        index.add(vectors)
    return index


def _cells(rows: Rows, wanted: Search, seed: int) -> Any:  # noqa: ANN401
    count = min(cell_count(len(rows)), len(rows))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(WIDTH), WIDTH, count, faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
    )  # fmt: skip
    index.cp.seed = seed % 2**31
    index.nprobe = min(wanted.cells_searched, count)
    seen = min(len(rows), SEEN_A_CELL * count)
    drawn = generator(seed, "search-index").choice(len(rows), seen, replace=False)
    LOGGER.info("Sorting %d samples into %d cells, learned from %d", len(rows), count, seen)
    index.train(_gathered(rows, np.sort(drawn)))
    return index


def cell_count(samples: int) -> int:
    """A power of two near four times the root of the samples."""
    return 1 << max(round(math.log2(4 * math.sqrt(samples))), 0)


def _gathered(rows: Rows, wanted: IntArray) -> FloatArray:
    """Vectors of sorted rows, in one pass over all."""
    parts = []
    for start, vectors in rows.blocks():
        first, last = np.searchsorted(wanted, (start, start + len(vectors)))
        parts.append(vectors[wanted[first:last] - start])
    return np.concatenate(parts)


def read_index(path: Path, rows: Rows, threads: int) -> Any:  # noqa: ANN401
    """An index of these samples.

    Raises:
        UserError: It is missing, damaged, or not of so many embeddings.
    """
    faiss.omp_set_num_threads(threads)
    try:
        index = faiss.read_index(str(path))
    except RuntimeError as error:
        raise UserError(
            f"{path}: is missing or no index of faiss; make it with `speckle2vec search-index`."
        ) from error
    if (index.d, index.ntotal) != (WIDTH, len(rows)):
        raise UserError(
            f"{path}: indexes {index.ntotal} embeddings of {index.d} numbers, but there are "
            f"{len(rows)} of {WIDTH}; make it anew with `speckle2vec search-index`."
        )
    return index
