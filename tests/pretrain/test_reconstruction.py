import numpy as np
import pytest
import torch
from drawn_batches import batch
from torch import nn

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.building import build_method
from speckle2vec.settings.training import Pretrain

METHODS = ("vae", "mae")
ENCODERS = ("cnn-transformer", "resnet18", "resnet18-attention")


def cubes(side, samples=2, channels=3):
    return torch.randn(samples, channels, side, side, generator=torch.Generator().manual_seed(1))


def module_of(method, encoder, side=64, channels=3, **changes):
    network = build_encoder(encoder, channels, {}, 1)
    settings = Pretrain.model_validate({method: changes})
    return build_method(method, network, settings, 1, "x" * channels, side)


@pytest.mark.parametrize("side", [64, 128])
@pytest.mark.parametrize(
    ("name", "decodes", "shape"),
    [
        ("cnn-transformer", "embedding", lambda _: (1024,)),
        ("cnn-transformer", "map", lambda s: (128, s, s)),
        ("resnet18", "embedding", lambda s: (512, s, s)),
        ("resnet18", "map", lambda s: (512, s, s)),
    ],
)
def test_images_are_decoded_from_the_embedding_only_where_it_has_weights(
    name, decodes, shape, side
):
    module = module_of("mae", name, side, decodes=decodes)
    code = module.encoded(cubes(side), torch.zeros(2, 4))
    assert code.shape == (2, *shape(side // 16))


def test_the_layer_on_maps_is_a_matrix_a_pixel():
    layer = module_of("vae", "resnet18").map_of(5)
    maps = torch.randn(2, 512, 4, 4, generator=torch.Generator().manual_seed(2))
    weight, bias = (value.detach().double().numpy() for value in layer.parameters())
    expected = np.einsum("oc,nchw->nohw", weight[:, :, 0, 0], maps.double().numpy())
    expected += bias[:, None, None]
    np.testing.assert_allclose(layer(maps).detach().numpy(), expected, atol=1e-5)


def test_the_layer_on_embeddings_gives_each_pixel_its_own_weights():
    layer = module_of("vae", "cnn-transformer").map_of(5)
    embeddings = torch.randn(2, 1024, generator=torch.Generator().manual_seed(2))
    weight, bias = (value.detach().double().numpy() for value in layer.parameters())
    expected = (embeddings.double().numpy() @ weight.T + bias).reshape(2, 5, 4, 4)
    np.testing.assert_allclose(layer(embeddings).detach().numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_from_the_map_every_weight_but_the_embeddings_last_is_trained(method):
    module = module_of(method, "cnn-transformer", decodes="map")
    module(batch(cubes(64), epoch=9)).backward()
    weights = module.encoder.named_parameters()
    idle = [name for name, values in weights if not _reached(values)]
    assert idle == ["embed.weight", "embed.bias"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("decodes", ["map", "embedding"])
def test_a_number_of_the_map_is_drawn_in_its_place_and_one_of_the_embedding_everywhere(
    method, decodes
):
    module = module_of(method, "cnn-transformer", decodes=decodes).eval()
    with torch.no_grad():
        code = module.code(cubes(64), torch.zeros(2, 4))
        before = module.images(code)
        code[:, 15] += 5  # the last square of the map's first channel, or any number
        changed = (module.images(code) != before).any(dim=(0, 1))
    assert changed[48:, 48:].any()
    assert changed[:16, :16].any().item() is (decodes == "embedding")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("encoder", ENCODERS)
def test_every_weight_on_the_way_to_the_embedding_is_trained(method, encoder):
    network = build_encoder(encoder, 3, {}, 1)
    for name, weights in network.named_parameters():
        if name.endswith("gamma"):
            nn.init.ones_(weights)
    module = build_method(method, network, Pretrain(), 1, "abc", 64)
    module(batch(cubes(64), epoch=9)).backward()
    idle = [name for name, weights in network.named_parameters() if not _reached(weights)]
    assert idle == []


def _reached(weights):
    return weights.grad is not None and bool(weights.grad.abs().max() > 0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("encoder", ["cnn-transformer", "resnet18"])
@pytest.mark.parametrize(("side", "channels"), [(64, 12), (128, 14)])
def test_images_come_back_in_their_own_shape(method, encoder, side, channels):
    images = cubes(side, channels=channels)
    network = build_encoder(encoder, channels, {}, 1)
    module = build_method(method, network, Pretrain(), 1, "x" * channels, side).eval()
    with torch.no_grad():
        assert module.reconstruct(batch(images, epoch=9))[0].shape == images.shape
        assert module(batch(images, epoch=9)).shape == ()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("encoder", ["cnn-transformer", "resnet18"])
def test_evaluation_gives_the_same_loss_again_and_leaves_torchs_randomness_alone(method, encoder):
    module = build_method(method, build_encoder(encoder, 3, {}, 1), Pretrain(), 1, "abc", 64).eval()
    before = torch.random.get_rng_state()
    with torch.no_grad():
        first, second = (module(batch(cubes(64), epoch=9)) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("method", METHODS)
def test_the_loss_is_kept_in_float32_where_networks_compute_in_less(method):
    encoder = build_encoder("cnn-transformer", 3, {}, 1)
    module = build_method(method, encoder, Pretrain(), 1, "abc", 32).eval()
    with torch.no_grad():
        whole = module(batch(cubes(32), epoch=9))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            lower = module(batch(cubes(32), epoch=9))
    assert lower.dtype == torch.float32
    assert lower.item() == pytest.approx(whole.item(), rel=2e-2)


class Coarse(Encoder):
    """A map that the decoder would not bring back to the side of the images."""

    decodes_map = True
    stride = 32
    map_channels = 512

    def feature_map(self, cubes, seasons=None):
        raise NotImplementedError

    def pool(self, maps):
        raise NotImplementedError


@pytest.mark.parametrize("method", METHODS)
def test_maps_of_another_stride_are_refused(method):
    with pytest.raises(ValueError, match="stride 32 is no map of stride 16"):
        build_method(method, Coarse(3), Pretrain(), 1, "abc", 64)
