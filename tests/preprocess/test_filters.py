import numpy as np
from scipy import ndimage

from speckle2vec.preprocess.filters import edges, equalise, fill_nodata


def speckled(shape=(96, 80), seed=0):
    return np.random.default_rng(seed).normal(-12, 4, shape).astype(np.float32)


def test_edges_are_scipys_sobel_away_from_and_at_the_border():
    for image in (speckled(), equalise(speckled(), 2.0, 8)):
        values = image.astype(np.float64)
        expected = np.hypot(
            ndimage.sobel(values, axis=0, mode="mirror"),
            ndimage.sobel(values, axis=1, mode="mirror"),
        )
        found = edges(image)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


def test_a_ramp_of_one_a_pixel_has_edges_of_eight():
    ramp = np.tile(np.arange(20, dtype=np.float32), (20, 1))
    np.testing.assert_allclose(edges(ramp)[:, 1:-1], 8)


def equalised_by_a_loop(levels, clip_limit, tiles):
    """CLAHE (Zuiderveld, 1994) as OpenCV defines it, for sides that the tiles divide."""
    height, width = levels.shape[0] // tiles, levels.shape[1] // tiles
    limit = max(int(clip_limit * height * width / 256), 1)
    tables = np.empty((tiles, tiles, 256))
    for row, column in np.ndindex(tiles, tiles):
        tile = levels[row * height :, column * width :][:height, :width]
        histogram = np.bincount(tile.ravel(), minlength=256)
        excess = int(np.maximum(histogram - limit, 0).sum())
        histogram = np.minimum(histogram, limit) + excess // 256
        rest = excess % 256
        if rest:
            step = max(256 // rest, 1)
            histogram[: step * rest : step] += 1
        tables[row, column] = np.clip(np.rint(np.cumsum(histogram) * 255 / tile.size), 0, 255)
    result = np.empty(levels.shape)
    for y, x in np.ndindex(*levels.shape):
        down, across = y / height - 0.5, x / width - 0.5
        top, left = int(np.floor(down)), int(np.floor(across))
        rows = np.clip([top, top + 1], 0, tiles - 1)
        columns = np.clip([left, left + 1], 0, tiles - 1)
        corners = tables[np.ix_(rows, columns)][..., levels[y, x]]
        share = np.array([1 - (down - top), down - top])
        result[y, x] = share @ corners @ np.array([1 - (across - left), across - left])
    return result


def test_equalising_is_clahe_of_the_image_stretched_to_bytes():
    image = speckled((64, 64))
    stretched = (image - image.min()) * (255 / (image.max() - image.min()))
    expected = equalised_by_a_loop(stretched.astype(np.uint8), 2.0, 4)
    found = equalise(image, 2.0, 4)
    assert found.dtype == np.uint8
    assert np.abs(found - expected).max() <= 1
    assert np.abs(found - expected).mean() < 0.5


def test_a_constant_image_stays_constant():
    image = np.full((64, 64), -11.0, np.float32)
    assert len(np.unique(equalise(image, 2.0, 8))) == 1
    assert not edges(equalise(image, 2.0, 8)).any()


def test_nodata_becomes_the_median_of_the_finite_pixels():
    image = speckled()
    image[3:9, 5:] = np.nan
    filled = fill_nodata(image)
    missing = np.isnan(image)
    assert np.array_equal(filled[~missing], image[~missing])
    np.testing.assert_allclose(filled[missing], np.nanmedian(image))
    assert filled.dtype == np.float32


def test_without_nodata_nothing_is_copied():
    image = speckled()
    assert fill_nodata(image) is image


def test_edges_do_not_depend_on_where_the_image_lies_in_memory():
    levels = np.random.default_rng(0).integers(0, 256, (264, 264), dtype=np.uint8)
    expected = edges(levels)
    kept = []
    for size in range(20):
        kept.append((np.empty(1000 * size + 16, np.uint8), edges(levels)))
        assert np.array_equal(kept[-1][1], expected)
