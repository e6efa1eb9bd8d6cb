"""How many of a sample's nearest neighbours stay when embeddings are coded."""

from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from speckle2vec.evaluate.gathering import Array
from speckle2vec.products.codes import decoded
from speckle2vec.provenance import generator

FloatArray = npt.NDArray[np.float32]


def drawn_samples(
    ids: Array, scored: Array, queries: int, searched: int, seed: int
) -> tuple[Array, Array]:
    """Sorted ids that are searched, and places in them of those that ask.

    Args:
        ids: All samples.
        scored: Those that may ask.
        queries: How many ask, at most.
        searched: Among how many they search, at most; those that ask are always among them.
        seed: The seed in the settings.
    """
    random = generator(seed, "code neighbours")
    asking = np.sort(random.permutation(np.sort(scored))[:queries])
    others = np.setdiff1d(ids, asking)
    room = max(searched - len(asking), 0)
    among = np.union1d(asking, random.permutation(others)[:room])
    return among, np.searchsorted(among, asking)


def values_of(codes: Path, ids: Array) -> FloatArray:
    """What a file of codes holds of sorted ids, (id, dimension); all of them are there."""
    found: FloatArray | None = None
    for names, values in decoded(codes):
        places = np.minimum(np.searchsorted(ids, names), len(ids) - 1)
        wanted = ids[places] == names
        if found is None:
            found = np.empty((len(ids), values.shape[1]), np.float32)
        found[places[wanted]] = values[wanted]
    assert found is not None
    return found


def nearest(values: FloatArray, asking: Array, count: int) -> npt.NDArray[np.int64]:
    """Places of the nearest others of those that ask, by Euclidean distance, exactly.

    Args:
        values: Embeddings (sample, dimension).
        asking: Places of those that ask.
        count: How many neighbours; fewer where there are fewer others.
    """
    faiss.omp_set_num_threads(1)  # of two as near, the order depends on the threads
    index = faiss.IndexFlatL2(values.shape[1])
    centred = np.ascontiguousarray(values - values.mean(axis=0, dtype=np.float64), np.float32)
    index.add(centred)
    count = min(count, len(values) - 1)
    found = np.asarray(index.search(centred[asking], count + 1)[1])
    own = found == asking[:, None]
    own[~own.any(axis=1), -1] = True  # as near as others that are alike: the farthest leaves
    return np.asarray(found[~own].reshape(len(asking), count), np.int64)


def kept(exact: npt.NDArray[np.int64], coded: npt.NDArray[np.int64]) -> float:
    """Share of the true neighbours that are found, 0..1 (recall@k)."""
    both = [len(np.intersect1d(one, other)) for one, other in zip(exact, coded, strict=True)]
    return float(np.sum(both) / max(exact.size, 1))
