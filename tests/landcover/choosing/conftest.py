"""The corpus that fine-tuning learns from: choosing is asked about it as well."""

import pytest
from tests.landcover.finetuning.learnable import Corpus

SPLITS = (["train"] * 5 + ["validation", "test", "buffer"] * 2 + ["train"]) * 4


@pytest.fixture
def corpus(tmp_path):
    """An empty corpus; shards are written by the test."""
    return Corpus(tmp_path)


@pytest.fixture
def several(corpus):
    """Four shards of samples in all splits."""
    for shard in range(1, 5):
        corpus.write_shard(str(shard), SPLITS, native=(8, 8))
    return corpus
