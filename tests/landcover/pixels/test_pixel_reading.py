"""Pixels are drawn evenly, and lie where their labels lie."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from speckle2vec.errors import UserError
from speckle2vec.landcover.pixels.reading import PixelSource, even_quotas, on_grid

AVAILABLE = st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 60), min_size=1)


@given(available=AVAILABLE, most=st.integers(0, 200))
def test_quotas_are_as_even_as_can_be(available, most):
    quotas = even_quotas(available, most)
    assert sum(quotas.values()) == min(most, sum(available.values()))
    assert all(0 < quotas[name] <= available[name] for name in quotas)
    open_ended = [
        quotas.get(name, 0) for name in available if quotas.get(name, 0) < available[name]
    ]
    if open_ended:  # who could give more gives as much as anyone, but for one pixel
        assert max(quotas.values(), default=0) <= min(open_ended) + 1


def test_a_cube_is_resized_as_logits_are():
    cube = np.random.default_rng(0).normal(size=(5, 16, 12)).astype(np.float32)
    for shape in ((33, 40), (16, 12), (8, 6)):
        expected = functional.interpolate(torch.from_numpy(cube)[None], shape, mode="bilinear")[0]
        np.testing.assert_allclose(on_grid(cube, shape), expected.numpy(), atol=1e-5)


def source_of(corpus):
    folder = corpus.folder
    return PixelSource(corpus.keys, folder / "cubes", folder / "labels", corpus.statistics)


def test_shards_are_read_in_sorted_order_whatever_order_they_are_named_in(pixel_corpus):
    source = source_of(pixel_corpus)
    wanted = set(pixel_corpus.labels)
    first = [name for name, _ in source.samples(wanted, "test")]
    pixel_corpus.keys.reverse()
    assert [name for name, _ in source_of(pixel_corpus).samples(wanted, "test")] == first
    quotas = dict.fromkeys(first, 7)
    drawn, again = (one.drawn(quotas, 3, "test") for one in (source, source_of(pixel_corpus)))
    np.testing.assert_array_equal(drawn.values, again.values)
    assert len(drawn.classes) == 7 * len(first)


def test_counts_are_known_before_a_pixel_is_read(pixel_corpus):
    found = source_of(pixel_corpus).labelled({"1_0", "3_4", "nobody"})
    assert found == {name: int((pixel_corpus.labels[name] > 0).sum()) for name in ("1_0", "3_4")}


def test_native_patches_lie_on_their_labels(empty_corpus):
    """Levels without noise: every pixel tells its class by its first feature alone."""
    corpus = empty_corpus(feature_set="fusion")
    corpus.write_shard(1, samples=3, noise=0.0)
    for name, pixels in source_of(corpus).samples(set(corpus.labels), "test"):
        labels = corpus.labels[name]
        np.testing.assert_array_equal(pixels.classes, labels[labels > 0])
        levels = pixels.values[:, 0] * 4 - 13
        np.testing.assert_allclose(levels, np.array([0, -14, -9, -20])[pixels.classes], atol=1e-4)


def test_what_a_smaller_patch_does_not_show_is_not_counted(empty_corpus):
    corpus = empty_corpus(feature_set="fusion")
    corpus._shown = lambda _, labels, *__: np.zeros((3, 16, 16), np.float32)
    corpus.write_shard(1, samples=3)
    for name, pixels in source_of(corpus).samples(set(corpus.labels), "test"):
        centre = corpus.labels[name][4:20, 4:20]
        np.testing.assert_array_equal(pixels.classes, centre[centre > 0])


def test_patches_of_other_grids_are_a_sentence(empty_corpus):
    corpus = empty_corpus(feature_set="fusion")
    write = corpus._write
    corpus._write = lambda *values: write(*values[:-1], 25)
    corpus.write_shard(1, samples=3)
    with pytest.raises(UserError, match="25 x 25 pixels here and 24 x 24 in the labels"):
        list(source_of(corpus).samples(set(corpus.labels), "test"))
