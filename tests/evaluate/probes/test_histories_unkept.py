"""Histories of which no epoch was kept."""

import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.grid import gather_histories

MODEL = "sar-temporal/simclr/resnet18"


def test_a_history_without_a_kept_epoch_is_a_sentence(corpus):
    path = corpus.folder / MODEL / "history.csv"
    path.parent.mkdir(parents=True)
    path.write_text("epoch,loss,std,cosine,rank,kept\n0,,0.2,0.9,12,0\n1,3.5,0.4,0.2,30,0\n")
    with pytest.raises(UserError, match=r"history\.csv: is no history of a training"):
        gather_histories(corpus.settings(), [MODEL], corpus.folder, corpus.folder / "grid.csv")
