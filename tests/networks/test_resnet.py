import pytest
import torch
from torch.nn import functional

from speckle2vec.networks.registry import build_encoder

COUNTS = {
    "resnet18": 11_211_008,
    "resnet34": 21_319_168,
    "resnet18-attention": 11_621_570,
}
LAYERS_18 = {"layer1": 147_968, "layer2": 525_568, "layer3": 2_099_712, "layer4": 8_393_728}
LAYERS_34 = {"layer1": 221_952, "layer2": 1_116_416, "layer3": 6_822_400, "layer4": 13_114_368}
STEM = {"stem": 43_904, "normalise": 128}
LAYERS = {
    "resnet18": {**STEM, **LAYERS_18, "attention3": 0, "attention4": 0},
    "resnet34": {**STEM, **LAYERS_34, "attention3": 0, "attention4": 0},
    "resnet18-attention": {**STEM, **LAYERS_18, "attention3": 82_241, "attention4": 328_321},
}


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_those_the_paper_prints(name):
    with torch.device("meta"):
        encoder = build_encoder(name, 14, {}, 0)
    assert count(encoder) == COUNTS[name]
    assert {part: count(module) for part, module in encoder.named_children()} == LAYERS[name]


@pytest.mark.parametrize("name", COUNTS)
def test_maps_of_the_layers_are_as_large_as_the_paper_prints(name):
    shapes = {}
    with torch.device("meta"):
        encoder = build_encoder(name, 14, {}, 0)
        for part, module in encoder.named_children():
            module.register_forward_hook(
                lambda _, __, out, part=part: shapes.update({part: tuple(out.shape[1:])})
            )
        encoder(torch.empty(1, 14, 128, 128))
    assert shapes == {
        "stem": (64, 64, 64), "normalise": (64, 64, 64), "layer1": (64, 64, 64),
        "layer2": (128, 32, 32), "layer3": (256, 16, 16), "attention3": (256, 16, 16),
        "layer4": (512, 8, 8), "attention4": (512, 8, 8),
    }  # fmt: skip


def test_decodes_its_map():
    with torch.device("meta"):
        encoder = build_encoder("resnet18", 2, {}, 0)
    assert (encoder.decodes_map, encoder.map_channels, encoder.stride) == (True, 512, 16)


@pytest.mark.parametrize(("name", "depths"), [("resnet18", (2,) * 4), ("resnet34", (3, 4, 6, 3))])
def test_equals_the_network_written_out_in_float64(name, depths):
    """He et al. 2016: every convolution by its stored weights, batch norm by its definition."""
    encoder = build_encoder(name, 3, {}, 0).double().eval()
    generator = torch.Generator().manual_seed(5)
    for key, value in encoder.state_dict().items():
        if key.endswith("running_mean"):
            value.normal_(0, 0.1, generator=generator)
        if key.endswith(("running_var", "1.weight", "normalise.weight")):
            value.uniform_(0.5, 1.5, generator=generator)
    stored = encoder.state_dict()
    cubes = torch.randn(1, 3, 64, 32, dtype=torch.float64, generator=generator)
    maps = functional.conv2d(cubes, stored["stem.weight"], stride=2, padding=3)
    maps = batch_norm(maps, stored, "normalise").clamp(min=0)
    for layer, depth in enumerate(depths, start=1):
        for block in range(depth):
            maps = plain_block(maps, stored, f"layer{layer}.{block}", layer > 1 and block == 0)
    torch.testing.assert_close(encoder.feature_map(cubes), maps, rtol=1e-9, atol=1e-9)
    variance = maps.square().mean((2, 3)) - maps.mean((2, 3)).square()
    pooled = torch.cat([maps.mean((2, 3)), (variance + 1e-5).sqrt()], dim=1)
    torch.testing.assert_close(encoder(cubes), pooled, rtol=1e-6, atol=1e-6)


def plain_block(maps, stored, name, strides):
    stride = 2 if strides else 1
    inner = functional.conv2d(maps, stored[f"{name}.residual.0.weight"], stride=stride, padding=1)
    inner = batch_norm(inner, stored, f"{name}.residual.1").clamp(min=0)
    inner = functional.conv2d(inner, stored[f"{name}.residual.3.weight"], padding=1)
    inner = batch_norm(inner, stored, f"{name}.residual.4")
    if strides:
        maps = functional.conv2d(maps, stored[f"{name}.shortcut.0.weight"], stride=stride)
        maps = batch_norm(maps, stored, f"{name}.shortcut.1")
    return (inner + maps).clamp(min=0)


def batch_norm(maps, stored, name):
    mean, variance, weight, bias = (
        stored[f"{name}.{part}"][:, None, None]
        for part in ("running_mean", "running_var", "weight", "bias")
    )
    return (maps - mean) / (variance + 1e-5).sqrt() * weight + bias


def test_attention_starts_as_the_network_without_it():
    plain, attending = (
        build_encoder(name, 3, {}, 0).eval() for name in ("resnet18", "resnet18-attention")
    )
    attending.load_state_dict(plain.state_dict(), strict=False)
    cubes = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(plain(cubes), attending(cubes))


def test_trains_in_bfloat16_with_finite_gradients():
    encoder = build_encoder("resnet18-attention", 3, {}, 0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        embedded = encoder(torch.zeros(2, 3, 32, 32))
        loss = embedded.square().mean()
    loss.backward()
    assert embedded.dtype == torch.float32
    assert all(value.grad.isfinite().all() for value in encoder.parameters())
