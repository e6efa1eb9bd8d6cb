"""Which shards a corpus cut from archives consists of: names only."""

import math

from speckle2vec.settings.corpora import StacCorpus

FOLDER = "train"


def cut_shards(corpus: StacCorpus) -> tuple[str, ...]:
    """Names of all its shards, such as `train-000001`, in order; the last may hold fewer places."""
    count = math.ceil(corpus.sampling.count / corpus.places_per_shard)
    return tuple(f"{FOLDER}-{number:06d}" for number in range(1, count + 1))
