"""The decoder that is kept beside an encoder, and what it makes of codes."""

from functools import partial

import numpy as np
import pytest
import torch
from drawn_batches import batch, normal

from speckle2vec.errors import UserError
from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.building import build_method
from speckle2vec.pretrain.decoding import keeping_decoder, load_decoding
from speckle2vec.pretrain.run import pretrain
from speckle2vec.products.decoders import read_decoder
from speckle2vec.products.encoders import digest_of
from speckle2vec.products.weights import read_weights
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.training import Pretrain

FEW = {"epochs": 1, "batch_size": 8, "threads": 1, "device": "cpu", "vae": {"latent": 4}}
CORPORA = {"test": {"source": "simulated", "size": "tiny"}}


def training(corpus, key, folder, method, encoder="cnn-transformer"):
    """A training that writes `encoder.safetensors`, ready to be started."""
    settings = parse_settings({"corpora": CORPORA, "seed": 3, "pretrain": FEW}, "test")
    target = corpus.folder / folder
    names = ("checkpoint", "encoder.safetensors", "card.md", "history.csv")
    return partial(
        pretrain, settings, "sar-temporal", method, encoder, [key], corpus.cubes,
        corpus.catalogue, corpus.statistics_path, *(target / name for name in names), "code",
    )  # fmt: skip


def trained(corpus, key, folder, method, encoder="cnn-transformer"):
    """The files of a training whose decoder is kept."""
    target = corpus.folder / folder
    files = target / "encoder.safetensors", target / "decoder.safetensors"
    training(corpus, key, folder, method, encoder)(keep=keeping_decoder(method, *files))
    return files


@pytest.fixture
def key(cube_corpus):
    return cube_corpus.write_shard("1", ["train", "train", "validation"] * 8)


@pytest.mark.parametrize("method", ["vae", "mae"])
def test_the_encoder_is_what_it_is_without_a_decoder_and_both_are_the_same_again(
    cube_corpus, key, method
):
    training(cube_corpus, key, "alone", method)()
    first, second = (trained(cube_corpus, key, name, method) for name in ("first", "second"))
    alone = (cube_corpus.folder / "alone" / "encoder.safetensors").read_bytes()
    assert first[0].read_bytes() == second[0].read_bytes() == alone
    assert first[1].read_bytes() == second[1].read_bytes()


@pytest.mark.parametrize("method", ["vae", "mae"])
@pytest.mark.parametrize("encoder", ["cnn-transformer", "resnet18"])
def test_a_decoder_of_a_file_decodes_as_what_was_trained(cube_corpus, key, method, encoder):
    files = trained(cube_corpus, key, "model", method, encoder)
    told, loaded = load_decoding(*files)
    weights = read_weights(files[0])[1]
    assert (told.method, told.architecture) == (method, encoder)
    for name, values in loaded.encoder.state_dict().items():
        np.testing.assert_array_equal(values.numpy(), weights[name])
    own = read_weights(files[1])[1]
    assert not any(name.startswith("encoder.") for name in own)
    fresh = build_method(method, build_encoder(encoder, 3, {}, 3), Pretrain(**FEW), 3, "abc", 32)
    last = "decoder.classify.weight"
    assert own[last].shape == fresh.decoder.classify.weight.shape
    assert not np.array_equal(own[last], fresh.decoder.classify.weight.detach().numpy())
    np.testing.assert_array_equal(loaded.decoder.classify.weight.detach().numpy(), own[last])


@pytest.mark.parametrize(
    ("method", "encoder", "decodes", "starts_from", "numbers"),
    [
        ("vae", "cnn-transformer", "embedding", "embedding", 1024),
        ("mae", "cnn-transformer", "embedding", "embedding", 1024),
        ("vae", "cnn-transformer", "map", "latent", 64 * 4 * 4),
        ("mae", "cnn-transformer", "map", "map", 128 * 4 * 4),
        ("vae", "resnet18", "embedding", "latent", 64 * 4 * 4),
        ("mae", "resnet18", "embedding", "map", 512 * 4 * 4),
    ],
)
def test_images_come_of_no_more_numbers_than_are_said(
    method, encoder, decodes, starts_from, numbers
):
    network = build_encoder(encoder, 3, {}, 1)
    settings = Pretrain.model_validate({method: {"decodes": decodes}})
    module = build_method(method, network, settings, 1, "abc", 64).eval()
    cubes, seasons = normal(2, 3, 64, 64), torch.zeros(2, 4)
    with torch.no_grad():
        code = module.code(cubes, seasons)
        images = module.images(code)
        if method == "vae":
            expected = module.reconstruct(batch(cubes))[0]
        else:
            expected = module.decoder(module.unfold(module.encoded(cubes, seasons)))
    assert (module.starts_from, tuple(code.shape)) == (starts_from, (2, numbers))
    torch.testing.assert_close(images, expected, rtol=0, atol=1e-6)


def test_a_method_without_a_decoder_is_refused_before_it_trains(cube_corpus, key):
    with pytest.raises(UserError, match=r"`simclr` decodes no images.*`vae` and `mae` do"):
        trained(cube_corpus, key, "model", "simclr")
    assert not (cube_corpus.folder / "model").exists()


def test_a_decoder_of_another_encoder_and_a_damaged_one_are_refused(cube_corpus, key):
    mine = trained(cube_corpus, key, "mine", "mae")
    other = trained(cube_corpus, key, "other", "vae")
    assert read_decoder(mine[1], mine[0]).encoder == digest_of(mine[0])
    with pytest.raises(UserError, match=f"and .* is {digest_of(other[0])[:12]}; train the two tog"):
        load_decoding(other[0], mine[1])
    flipped = bytearray(mine[1].read_bytes())
    flipped[-9] ^= 1
    mine[1].write_bytes(flipped)
    with pytest.raises(UserError, match=r"no decoder of speckle2vec \(it has changed since"):
        load_decoding(*mine)
    with pytest.raises(UserError, match=r"gone: is missing, damaged or no decoder"):
        load_decoding(mine[0], cube_corpus.folder / "gone")
