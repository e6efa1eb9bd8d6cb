"""Labels whose pixels lie outside what smaller cubes show of the samples."""

import numpy as np
import pytest

from speckle2vec.errors import UserError


@pytest.fixture
def edged(empty_corpus):
    """Labels of 24 pixels, known in the first rows alone, and cubes of the middle 16."""
    corpus = empty_corpus(feature_set="fusion")

    def draw(random, side):
        labels = np.zeros((side, side), np.uint8)
        labels[:4] = random.integers(1, 4, (4, side))
        return labels

    corpus._draw = draw
    corpus._shown = lambda *_: np.zeros((3, 16, 16), np.float32)
    corpus.write_shard(1)
    return corpus


@pytest.mark.parametrize("name", ["logistic-regression", "random-forest"])
def test_no_labelled_pixel_in_sight_is_a_sentence(edged, name):
    with pytest.raises(UserError, match="no labelled pixel of the split train"):
        edged.fit(name)


def test_labels_in_sight_of_some_samples_are_enough(edged):
    """Half of the samples show nothing that is labelled, and the others all."""
    edged._draw = lambda random, side: random.integers(1, 4, (side, side)).astype(np.uint8)
    edged.write_shard(2)
    found = edged.fit("random-forest")
    assert found.about["drawn_pixels"]["train"] >= 12 * 16 * 16
    assert found.counts.sum() == 4 * 16 * 16
