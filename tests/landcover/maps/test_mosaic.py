"""Where samples lie on a mosaic, and their sums, against one array as large as all of it."""

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from tests.landcover.small_corpus import grid as grid_at

from speckle2vec.landcover.maps.edges import edge_weights
from speckle2vec.landcover.maps.mosaic import TILE, add_sample, mosaic_of

UP = {"north up": -10, "south up": 10}


def placed(down, columns_and_rows, shape=(40, 60)):
    """Grids so many columns and rows from a corner."""
    return [
        GeoBox(shape, Affine(10, 0, 500_000 + 10 * x, 0, down, 5_400_000 + down * y), "EPSG:32633")
        for x, y in columns_and_rows
    ]


def sums_of(mosaic, said):
    """The sums of the whole mosaic, tile by tile."""
    whole = np.zeros((len(said[0]) + 1, *mosaic.grid.shape), np.float32)
    for window, indices in mosaic.tiles():
        rows, columns = window.toslices()
        part = np.zeros_like(whole[:, rows, columns])
        for index in indices:
            add_sample(part, mosaic.grid[rows, columns], said[index], mosaic.samples[index])
        whole[:, rows, columns] += part
    return whole


@pytest.mark.parametrize("down", UP.values(), ids=UP)
def test_samples_lie_where_their_corners_are(down):
    mosaic = mosaic_of(placed(down, [(0, 0), (-7, 3), (50, -20)]))
    assert mosaic.grid.shape == (63, 117)
    assert mosaic.boxes.tolist() == [[20, 7, 60, 67], [23, 0, 63, 60], [0, 57, 40, 117]]


def test_sums_over_tiles_are_those_over_all():
    corners = [(0, 0), (30, 10), (TILE - 20, TILE - 5), (TILE + 900, 3)]
    mosaic = mosaic_of(placed(-10, corners))
    random = np.random.default_rng(2)
    said = [random.random((3, 40, 60)).astype(np.float32) for _ in corners]
    expected = np.zeros((4, *mosaic.grid.shape), np.float32)
    weights = edge_weights((40, 60))
    for (column, row), one in zip(corners, said, strict=True):
        expected[:3, row : row + 40, column : column + 60] += one * weights
        expected[3, row : row + 40, column : column + 60] += weights
    np.testing.assert_allclose(sums_of(mosaic, said), expected, rtol=1e-5)


def test_tiles_are_those_that_samples_lie_in_and_none_twice():
    corners = [(0, 0), (TILE - 60, TILE - 40), (TILE, 0), (3 * TILE - 1, 2 * TILE - 1)]
    mosaic = mosaic_of(placed(-10, corners))
    found = {(window.row_off, window.col_off): indices for window, indices in mosaic.tiles()}
    last = {(row * TILE, column * TILE): [3] for row in (1, 2) for column in (2, 3)}
    assert found == {(0, 0): [0, 1], (0, TILE): [2], **last}
    height, width = mosaic.grid.shape
    for window, _ in mosaic.tiles():
        assert window.row_off + window.height <= height
        assert window.col_off + window.width <= width
        assert min(window.height, window.width) > 0


def test_where_nothing_is_known_weighs_nothing():
    said = np.full((2, 40, 60), 0.5, np.float32)
    said[:, :15] = 0
    sums = np.zeros((3, 40, 60), np.float32)
    add_sample(sums, grid_at(), said, grid_at())
    assert not sums[:, :15].any()
    assert (sums[2, 15:] > 0).all()


def test_resampled_shares_stay_the_shares_they_were():
    """Shares and weights are resampled alike, so that their quotient is that of the sample."""
    tile, half = grid_at(), grid_at(500_005, 5_400_003, shape=(30, 30))
    said = np.stack([np.full((30, 30), 0.25), np.full((30, 30), 0.75)]).astype(np.float32)
    sums = np.zeros((3, 40, 60), np.float32)
    add_sample(sums, tile, said, half)
    known = sums[2] > 0
    np.testing.assert_allclose(sums[1][known] / sums[2][known], 0.75, rtol=1e-4)
    assert known[:29, 1:30].all()
    assert not known[:, 32:].any()


@pytest.mark.parametrize("off", [1e-8, 1e-6, 1e-4, 5e-3])
def test_a_hair_beside_the_pixels_is_on_the_pixels(off):
    """Affines are sums of floats, and files round them: in metres, of pixels of 10."""
    said = [np.full((1, 40, 60), 1, np.float32)] * 2
    mosaic = mosaic_of([grid_at(), grid_at(500_300 + off)])
    assert mosaic.boxes.tolist() == [[0, 0, 40, 60], [0, 30, 40, 90]]
    exact = mosaic_of([grid_at(), grid_at(500_300)])
    np.testing.assert_array_equal(sums_of(mosaic, said), sums_of(exact, said))


def test_samples_whose_pixels_are_a_little_longer_are_mapped_as_well():
    longer = GeoBox((40, 60), Affine(10.001, 0, 500_300, 0, -10, 5_400_000), "EPSG:32633")
    mosaic = mosaic_of([grid_at(), longer])
    values, weights = sums_of(mosaic, [np.ones((1, 40, 60), np.float32)] * 2)
    assert (weights[1:39, 1:89] > 0).all()
    np.testing.assert_allclose(values[weights > 0], weights[weights > 0], rtol=1e-4)
