"""Cubes encoded and decoded a few at a time: which ones, in which order, of which side."""

import numpy as np
import pytest
import torch
from test_decoding import trained

from speckle2vec.errors import UserError
from speckle2vec.pretrain import decoder
from speckle2vec.pretrain.decoder import Decoder
from speckle2vec.pretrain.decoding import load_decoding
from speckle2vec.pretrain.judged import Place
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.seasons import seasons_of
from speckle2vec.products.statistics import normalise

SPLITS = ["train", "train", "validation", "test"] * 5


@pytest.fixture
def keys(cube_corpus):
    return [cube_corpus.write_shard(shard, SPLITS) for shard in ("1", "2")]


@pytest.fixture
def model(cube_corpus, keys):
    files = trained(cube_corpus, keys[0], "model", "vae", "resnet18")
    return Decoder(*load_decoding(*files), cube_corpus.cubes)


def places_of(key, positions):
    return [Place(key, position, f"{key.shard}_{position}", "block") for position in positions]


def cubes_and_dates(corpus, key, rows):
    with open_cubes(key.part(corpus.cubes, ".zarr.zip"), key) as shard:
        return shard.take(np.array(rows)), shard.dates[rows]


def test_codes_are_those_of_the_samples_asked_for_and_of_their_seasons(cube_corpus, keys, model):
    rows = [2, 3, 17]
    ((images, codes),) = model.encoded(places_of(keys[1], rows))
    patches, dates = cubes_and_dates(cube_corpus, keys[1], rows)
    expected = normalise(patches, model.trained.statistics)
    np.testing.assert_array_equal(images, expected)
    with torch.inference_mode():
        wanted = model.method.code(torch.from_numpy(expected), torch.from_numpy(seasons_of(dates)))
    np.testing.assert_array_equal(codes, wanted.numpy())


def test_shards_come_in_turn_and_few_samples_together(keys, model, monkeypatch):
    monkeypatch.setattr(decoder, "TOGETHER", 4)
    places = places_of(keys[1], range(6)) + places_of(keys[0], range(9))
    assert [len(codes) for _, codes in model.encoded(places)] == [4, 2, 4, 4, 1]
    together = np.concatenate([codes for _, codes in model.encoded(places)])
    monkeypatch.setattr(decoder, "TOGETHER", 100)
    whole = np.concatenate([codes for _, codes in model.encoded(places)])
    np.testing.assert_allclose(together, whole, atol=1e-5)


def test_images_of_a_code_are_those_of_the_method(keys, model):
    ((_, codes),) = model.encoded(places_of(keys[0], [0, 5]))
    images = model.decoded(codes)
    assert images.shape == (2, 3, 32, 32)
    with torch.inference_mode():
        np.testing.assert_array_equal(images, model.method.images(torch.from_numpy(codes)).numpy())
    np.testing.assert_array_equal(model.decoded(codes[:, ::-1][:, ::-1]), images)


def test_no_places_are_no_images(model):
    assert list(model.encoded([])) == []


def test_larger_cubes_are_cut_at_their_centre_and_smaller_ones_refused(cube_corpus, keys, model):
    wide = cube_corpus.write_shard("3", SPLITS, side=64)
    ((images, _),) = model.encoded(places_of(wide, [7]))
    patches, _ = cubes_and_dates(cube_corpus, wide, [7])
    centre = normalise(patches, model.trained.statistics)[..., 16:48, 16:48]
    np.testing.assert_array_equal(images, centre)
    large = Decoder(*load_decoding(*trained(cube_corpus, wide, "large", "vae")), cube_corpus.cubes)
    with pytest.raises(UserError, match=r"1\.zarr\.zip: holds .* 32 x 32 .* `pretrain.crop` to 32"):
        list(large.encoded(places_of(keys[0], [0])))
