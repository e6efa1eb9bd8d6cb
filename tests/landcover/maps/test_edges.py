"""Weights of pixels against the distance to the nearest edge, counted pixel by pixel."""

import numpy as np
import pytest

from speckle2vec.landcover.maps.edges import edge_weights


def distance_to_the_edge(shape, row, column):
    """From a pixel's centre to the nearest of the four edges."""
    height, width = shape
    return min(row + 0.5, height - row - 0.5, column + 0.5, width - column - 0.5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 2), (5, 8), (9, 9), (40, 3)])
def test_weights_are_distances_as_a_share_of_the_farthest(shape):
    distances = np.array([[distance_to_the_edge(shape, row, column)
                           for column in range(shape[1])] for row in range(shape[0])])  # fmt: skip
    np.testing.assert_allclose(edge_weights(shape), distances / distances.max(), rtol=1e-6)


def test_no_pixel_is_without_weight_and_one_has_all():
    weights = edge_weights((256, 200))
    assert weights.min() > 0
    assert weights.max() == 1
    assert weights.dtype == np.float32


def test_weights_are_the_same_from_every_side():
    weights = edge_weights((6, 6))
    for turned in (weights[::-1], weights[:, ::-1], weights.T):
        np.testing.assert_array_equal(turned, weights)


def test_a_mean_has_no_step_where_an_image_ends():
    """Of a sample of ones over a sample of zeros the mean falls by little from pixel to pixel."""
    weights = edge_weights((64, 64))[32]
    mean = np.zeros(96)
    mean[32:64] = weights[32:] / (weights[32:] + weights[:32])
    mean[:32] = 1
    assert np.abs(np.diff(mean)).max() < 0.05
