"""The report's future work as settings of `cnn-transformer`."""

import hashlib

import pytest
import torch

from speckle2vec.networks.positions import sinusoids
from speckle2vec.networks.registry import build_encoder

# Of the encoder before it had options, with 12 features and the seed 42.
BEFORE = "6a965d8f2a5b8d374b2b8fc1d9d65bd8d709e2866e1b26239e19b0cb6f62430e"
ON = [{"positions": True}, {"seasons": True}, {"pooling": "mean-std"}]


def encoder(**settings):
    return build_encoder("cnn-transformer", 12, {"dropout": 0.0, **settings}, 42)


def spoken(**settings):
    """An encoder whose options have learnt something."""
    network = encoder(**settings)
    for layer in (network.places, network.seasons):
        if layer is not None:
            torch.nn.init.normal_(layer.weight)
    return network.eval()


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_without_options_the_weights_are_what_they_always_were():
    digest = hashlib.sha256()
    for name, value in build_encoder("cnn-transformer", 12, {}, 42).state_dict().items():
        digest.update(name.encode())
        digest.update(value.numpy().tobytes())
    assert digest.hexdigest() == BEFORE


def test_without_options_the_output_is_that_of_the_same_operations():
    network = encoder().eval()
    cubes = torch.randn(2, 12, 64, 64)
    maps = network.convolutions(cubes)
    tokens = network.transformer(network.project(maps.flatten(2).transpose(1, 2)))
    expected = network.embed(tokens.transpose(1, 2).unflatten(2, (4, 4)).mean(dim=(2, 3)))
    assert torch.equal(network(cubes, torch.ones(2, 4)), expected)


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({"positions": False, "seasons": False, "pooling": "mean"}, 0),
        ({"positions": True}, 128 * 128),
        ({"seasons": True}, 4 * 128),
        ({"pooling": "mean-std"}, 128 * 1024),
    ],
)
def test_an_option_costs_its_own_parameters_only(settings, more):
    assert count(encoder(**settings)) - count(encoder()) == more


@pytest.mark.parametrize("settings", ON[:2])
def test_an_option_leaves_the_other_weights_as_they_were(settings):
    plain, other = encoder().state_dict(), encoder(**settings).state_dict()
    assert all(torch.equal(value, other[name]) for name, value in plain.items())


@pytest.mark.parametrize("settings", ON[:2])
def test_an_option_starts_as_the_network_without_it(settings):
    cubes, seasons = torch.randn(2, 12, 32, 32), torch.randn(2, 4)
    with torch.no_grad():
        assert torch.equal(encoder(**settings).eval()(cubes, seasons), encoder().eval()(cubes))


@pytest.mark.parametrize("settings", [*ON, {key: v for one in ON for key, v in one.items()}])
def test_a_gradient_reaches_every_parameter(settings):
    network = encoder(**settings)
    network(torch.randn(8, 12, 64, 64), torch.randn(8, 4)).square().mean().backward()
    norms = {name: value.grad.norm().item() for name, value in network.named_parameters()}
    assert [name for name, norm in norms.items() if norm < 1e-6] == []


def test_without_positions_tokens_may_change_places():
    maps = torch.randn(2, 512, 4, 4)
    shuffled = maps.flatten(2)[:, :, torch.randperm(16)].unflatten(2, (4, 4))
    for positions in (False, True):
        network = spoken(positions=positions)
        network.convolutions = torch.nn.Identity()
        with torch.no_grad():
            same = torch.allclose(network(maps), network(shuffled), atol=1e-5)
        assert same is not positions


def test_the_season_tells_only_where_it_is_asked_for_and_known():
    cubes, seasons = torch.randn(2, 12, 32, 32), torch.randn(2, 4)
    for asked in (False, True):
        network = spoken(seasons=asked)
        with torch.no_grad():
            without, unknown = network(cubes), network(cubes, torch.zeros(2, 4))
            assert torch.equal(without, unknown)
            assert torch.equal(network(cubes, seasons), without) is not asked


def test_mean_and_deviation_of_the_tokens_are_pooled():
    network = encoder(pooling="mean-std").eval()
    maps = torch.randn(2, 128, 4, 6)
    deviation = (maps.flatten(2).var(dim=2, correction=0) + 1e-5).sqrt()
    pooled = torch.cat([maps.flatten(2).mean(dim=2), deviation], dim=1)
    expected = pooled @ network.embed.weight.T + network.embed.bias
    torch.testing.assert_close(network.pool(maps), expected, rtol=1e-5, atol=1e-5)


def test_positions_tell_every_place_apart_on_any_map():
    known = sinusoids(5, 18, 128)
    assert known.shape == (90, 128)
    distances = torch.cdist(known, known) + torch.eye(90) * 9
    assert distances.min() > 0.5
    torch.testing.assert_close(known.square().sum(dim=1), torch.full((90,), 64.0))


def test_a_place_keeps_its_numbers_on_a_larger_map():
    small, large = sinusoids(3, 4, 16), sinusoids(7, 9, 16)
    torch.testing.assert_close(small[1 * 4 + 2], large[1 * 9 + 2])
    rate = 100 ** -(2 / 3)
    expected = [torch.tensor(rate * place).sin() for place in (1.0, 2.0)]
    torch.testing.assert_close(small[1 * 4 + 2][[2, 10]], torch.stack(expected))
