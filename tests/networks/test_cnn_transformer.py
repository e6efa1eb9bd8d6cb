from itertools import pairwise

import pytest
import torch
from torch import nn

from speckle2vec.errors import UserError
from speckle2vec.networks.registry import build_encoder


@pytest.fixture(scope="module")
def encoder():
    return build_encoder("cnn-transformer", 12, {}, 42)


def test_shapes_of_map_and_embedding(encoder):
    cubes = torch.randn(3, 12, 64, 96)
    assert encoder.feature_map(cubes).shape == (3, 128, 4, 6)
    assert encoder(cubes).shape == (3, 1024)
    assert (encoder.channels, encoder.width) == (12, 1024)


def test_parameters_are_those_the_report_describes(encoder):
    counted = sum(parameter.numel() for parameter in encoder.parameters())
    widths = (12, 64, 128, 256, 512)
    convolutions = sum(9 * a * b + 2 * b for a, b in pairwise(widths))
    attention = 4 * (128 * 128 + 128)
    feed_forward = 128 * 2048 + 2048 + 2048 * 128 + 128
    layers = 2 * (attention + feed_forward + 4 * 128)
    assert counted == convolutions + (512 * 128 + 128) + layers + (128 * 1024 + 1024)


def test_equals_the_network_built_from_parts_of_pytorch(encoder):
    layer = nn.TransformerEncoderLayer(128, 8, batch_first=True)
    reference = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval()
    weights = encoder.transformer.state_dict()
    reference.load_state_dict({f"layers.{name}": value for name, value in weights.items()})
    cubes = torch.randn(2, 12, 64, 64)
    network = build_encoder("cnn-transformer", 12, {}, 42).eval()
    tokens = network.project(network.convolutions(cubes).flatten(2).transpose(1, 2))
    expected = network.embed(reference(tokens).mean(dim=1))
    torch.testing.assert_close(network(cubes), expected, rtol=1e-5, atol=1e-5)
    with torch.no_grad():
        torch.testing.assert_close(network(cubes), expected, rtol=1e-5, atol=1e-5)


def test_every_parameter_receives_a_gradient():
    encoder = build_encoder("cnn-transformer", 12, {}, 0)
    encoder(torch.randn(8, 12, 64, 64)).square().mean().backward()
    without = [n for n, p in encoder.named_parameters() if p.grad is None or p.grad.norm() < 1e-6]
    assert without == []


def test_the_two_transformer_layers_start_from_different_weights(encoder):
    first, second = encoder.transformer
    assert not torch.equal(first.linear1.weight, second.linear1.weight)


def test_weights_depend_on_the_seed_and_not_on_the_state_of_torch():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = build_encoder("cnn-transformer", 4, {}, 7)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    second, other = (build_encoder("cnn-transformer", 4, {}, seed) for seed in (7, 8))
    same = [torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True)]
    assert all(same)
    assert not torch.equal(first.project.weight, other.project.weight)


def test_dropout_is_a_setting_and_absent_in_evaluation():
    cubes = torch.randn(4, 12, 64, 64)
    off = build_encoder("cnn-transformer", 12, {"dropout": 0.0}, 0)
    assert torch.equal(off(cubes), off(cubes))
    on = build_encoder("cnn-transformer", 12, {"dropout": 0.5}, 0)
    assert not torch.equal(on(cubes), on(cubes))
    on.eval()
    assert torch.equal(on(cubes), on(cubes))


def test_an_unknown_encoder_lists_the_valid_ones():
    with pytest.raises(UserError, match=r"did you mean `cnn-transformer`.*Valid names"):
        build_encoder("cnn_transformer", 12, {}, 0)
