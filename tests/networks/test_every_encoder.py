"""What holds for each encoder by name."""

import pytest
import torch

from speckle2vec.choices import ENCODERS
from speckle2vec.networks.registry import build_encoder

LEARNING = ("cnn-transformer", "resnet18", "resnet34", "resnet18-attention")
COMPUTED = ("pixel-statistics", "random-convolutions", "pca")
KEY_BIAS = "key.bias"


def test_all_encoders_are_tested():
    assert set(LEARNING) | set(COMPUTED) == set(ENCODERS)


@pytest.mark.parametrize("size", [64, 96, 128, 256])
@pytest.mark.parametrize("channels", [2, 12, 14])
@pytest.mark.parametrize("name", ENCODERS)
def test_shapes_for_any_channels_and_any_size(name, channels, size):
    with torch.device("meta"):
        encoder = build_encoder(name, channels, {}, 0)
        cubes = torch.empty(3, channels, size, size + 32)
        maps = encoder.feature_map(cubes)
        assert encoder.pool(maps).shape == (3, 1024)
    assert maps.shape[1] == encoder.map_channels
    if name != "pca":
        assert maps.shape[2:] == (size // encoder.stride, (size + 32) // encoder.stride)


@pytest.mark.parametrize("name", ENCODERS)
def test_the_embedding_is_the_pooled_map(name):
    encoder = build_encoder(name, 3, {}, 0).eval()
    cubes = torch.randn(2, 3, 32, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        embedded = encoder(cubes, torch.zeros(2, 4))
        assert torch.equal(embedded, encoder.pool(encoder.feature_map(cubes)))
    assert embedded.dtype == torch.float32
    assert embedded.isfinite().all()


@pytest.mark.parametrize("name", ENCODERS)
def test_the_same_seed_gives_the_same_encoder(name):
    first, again, other = (build_encoder(name, 2, {}, seed).state_dict() for seed in (7, 7, 8))
    assert list(first) == list(again)
    assert all(torch.equal(first[key], again[key]) for key in first)
    if name in (*LEARNING, "random-convolutions"):
        assert not all(torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", LEARNING)
def test_a_gradient_reaches_every_parameter(name):
    encoder = build_encoder(name, 3, {}, 0)
    for part, value in encoder.named_parameters():
        if part.endswith("gamma"):
            value.data.fill_(0.5)
    cubes = torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    embedded = encoder(cubes)
    weights = torch.randn(embedded.shape, generator=torch.Generator().manual_seed(2))
    (embedded * weights).sum().backward()
    norms = {part: value.grad.norm().item() for part, value in encoder.named_parameters()}
    assert [part for part, norm in norms.items() if norm < 1e-3] == [
        part for part in norms if part.endswith(KEY_BIAS)
    ]


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_computed_has_nothing_to_train(name):
    encoder = build_encoder(name, 3, {}, 0)
    assert list(encoder.parameters()) == []
    assert not encoder(torch.randn(2, 3, 32, 32)).requires_grad
