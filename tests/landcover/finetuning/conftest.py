"""A corpus that is easily learned, and an encoder small enough to learn it."""

import pytest
from tests.landcover.finetuning.learnable import Corpus

from speckle2vec.choices import ENCODERS


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Lets the encoder `small` be chosen."""
    monkeypatch.setitem(ENCODERS, "small", "tests.landcover.finetuning.small_network")


@pytest.fixture
def corpus(tmp_path):
    """An empty corpus; shards are written by the test."""
    return Corpus(tmp_path)


@pytest.fixture
def ready(corpus):
    """A corpus of two shards of which a fine-tuning can learn, with an encoder."""
    corpus.write_shard("1", ["train"] * 12 + ["validation"] * 8 + ["test"] * 3)
    corpus.write_shard("2", ["train"] * 4 + ["buffer"] * 2 + ["test"] * 2)
    corpus.write_encoder()
    return corpus
