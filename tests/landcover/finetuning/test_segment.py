"""Probabilities of a trained segmenter against the network itself."""

from contextlib import contextmanager

import numpy as np
import pytest
import torch
from tests.landcover.finetuning.learnable import CLASSES, halves, settings_with
from torch.nn import functional

from speckle2vec.errors import UserError
from speckle2vec.landcover.finetuning.segment import load_segmenter, starts, told_classes
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.seasons import seasons_of
from speckle2vec.products.segmenters import read_segmenter, write_segmenter
from speckle2vec.products.statistics import normalise

SPLITS = ["train"] * 9 + ["validation"] * 8 + ["test"] * 2


def patches(count, height, width, seed=5):
    return np.random.default_rng(seed).normal(0, 1, (count, 2, height, width)).astype(np.float16)


@contextmanager
def loaded_with(corpus, tmp_path):
    segmenter = load_segmenter(corpus.finetune(tmp_path))
    with open_cubes(corpus.keys[0].part(corpus.folder / "cubes", ".zarr.zip")) as shard:
        yield segmenter, shard


def logits_of(segmenter, shard, rows, window=(slice(None), slice(None))):
    cubes = normalise(shard.take(np.array(rows)), segmenter.file.encoder.statistics)
    seasons = torch.from_numpy(seasons_of(shard.dates)[rows])
    with torch.inference_mode():
        return segmenter.network(torch.from_numpy(cubes)[:, :, window[0], window[1]], seasons)


def test_resized_cubes_tell_classes_on_the_labels_own_grid(ready, tmp_path):
    with loaded_with(ready, tmp_path) as (segmenter, shard):
        assert segmenter.classes == CLASSES
        found = segmenter.probabilities(shard, 4, (66, 50))
        expected = functional.interpolate(
            logits_of(segmenter, shard, [4]), (66, 50), mode="bilinear"
        ).softmax(dim=1)[0]
        together = segmenter.several(shard, [4, 1, 20], [(66, 50), (32, 32), (9, 80)])
    assert (found.dtype, found.shape) == (np.float32, (2, 66, 50))
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-5)
    assert [one.shape for one in together] == [(2, 66, 50), (2, 32, 32), (2, 9, 80)]
    np.testing.assert_allclose(together[0], found, atol=1e-5)


def test_native_patches_are_covered_by_squares_and_overlaps_averaged_less_at_their_edges(
    corpus, tmp_path
):
    corpus.write_shard("1", SPLITS, native=(80, 64), cubes=patches(19, 80, 64), kind="fusion")
    corpus.write_encoder(kind="fusion", crop=32)
    with loaded_with(corpus, tmp_path) as (segmenter, shard):
        found = segmenter.probabilities(shard, 2, (80, 64))
        total, times = np.zeros((2, 80, 64)), np.zeros((80, 64))
        steps = np.minimum(np.arange(32), np.arange(32)[::-1]) + 0.5
        weights = np.minimum.outer(steps, steps)
        for y in (0, 24, 48):
            for x in (0, 24, 32):
                window = slice(y, y + 32), slice(x, x + 32)
                told = logits_of(segmenter, shard, [2], window).softmax(dim=1)[0].numpy()
                total[:, *window] += told * weights
                times[window] += weights
    np.testing.assert_allclose(found, total / times, atol=1e-5)


@pytest.mark.parametrize("native", [(40, 100), (24, 70)])
def test_pixels_that_the_patch_does_not_show_have_no_class(corpus, tmp_path, native):
    corpus.write_shard("1", SPLITS, native=native, cubes=patches(19, 40, 64), kind="fusion")
    corpus.write_encoder(kind="fusion", crop=32)
    with loaded_with(corpus, tmp_path) as (segmenter, shard):
        found = segmenter.probabilities(shard, 0, native)
    shown = np.zeros(native, bool)
    left = (native[1] - 64) // 2
    shown[:, left : left + 64] = True
    assert ((found.sum(axis=0) > 0.99) == shown).all()
    assert ((told_classes(found) > 0) == shown).all()


def test_training_on_native_patches_learns_and_repeats_itself(corpus, tmp_path):
    images = np.stack([_shown(number) for number in range(19)])
    corpus.write_shard("1", SPLITS, native=(48, 40), cubes=images, kind="fusion")
    corpus.write_encoder(kind="fusion", crop=32)
    settings = settings_with(epochs=15, patience=0, learning_rate=3e-3)
    first, again = (corpus.finetune(tmp_path / name, settings=settings) for name in ("a", "b"))
    assert first.read_bytes() == again.read_bytes()
    segmenter = load_segmenter(first)
    with open_cubes(corpus.keys[0].part(corpus.folder / "cubes", ".zarr.zip")) as shard:
        found = told_classes(segmenter.probabilities(shard, 18, (48, 40)))
    truth = halves(18, 48, 40)
    assert (found == truth)[truth > 0].mean() > 0.9


def _shown(number):
    water = halves(number, 48, 40) == 2
    noise = np.random.default_rng(number).normal(0, 1, water.shape)
    return np.stack([water, noise]).astype(np.float16)


def test_the_likeliest_class_counts():
    probabilities = np.array([[[0.7, 0.2, 0]], [[0.3, 0.8, 0]]], np.float32)
    assert told_classes(probabilities).tolist() == [[1, 2, 0]]


@pytest.mark.parametrize(
    ("length", "expected"),
    [(264, [0, 96, 136]), (256, [0, 96, 128]), (128, [0]), (129, [0, 1])],
)
def test_squares_cover_a_length(length, expected):
    assert starts(length, 128) == expected


def test_cubes_of_another_kind_are_refused(ready, tmp_path):
    segmenter = load_segmenter(ready.finetune(tmp_path))
    key = ready.write_shard("9", ["test"], calibration="gamma0")
    with (
        open_cubes(key.part(ready.folder / "cubes", ".zarr.zip")) as shard,
        pytest.raises(UserError, match="cubes of test/9: does not fit the encoder: calibration"),
    ):
        segmenter.probabilities(shard, 0, (66, 66))


def test_weights_that_fit_no_decoder_are_refused(ready, tmp_path):
    path = ready.finetune(tmp_path)
    file = read_segmenter(path)
    del file.decoder["classify.bias"]
    write_segmenter(file, path)
    with pytest.raises(UserError, match="its weights do not fit the decoder"):
        load_segmenter(path)
