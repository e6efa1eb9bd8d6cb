"""Average precision under the bootstrap, against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from speckle2vec.measures.intervals import resamples
from speckle2vec.measures.precision import average_precisions


@pytest.mark.parametrize("rounded", [2, 12])
def test_average_precision_of_every_draw_is_that_of_scikit_learn(rounded):
    random = np.random.default_rng(0)
    truth, blocks = random.random(200) < 0.3, random.integers(12, size=200)
    scores = np.round(random.random(200) + 0.4 * truth, rounded)
    counts = resamples(12, 40, seed=1)
    found = average_precisions(truth, scores, blocks, counts)
    assert found.shape == (41,)
    assert found[0] == pytest.approx(average_precision_score(truth, scores))
    for value, draw in zip(found[1:], counts, strict=True):
        expected = average_precision_score(truth, scores, sample_weight=draw[blocks])
        assert value == pytest.approx(expected)


def test_average_precision_without_a_positive_is_not_defined():
    counts = np.array([[2, 0], [0, 2]])
    found = average_precisions(
        np.array([True, False, False]), np.array([0.9, 0.5, 0.1]), np.array([0, 0, 1]), counts
    )
    np.testing.assert_array_equal(np.isnan(found), [False, False, True])
