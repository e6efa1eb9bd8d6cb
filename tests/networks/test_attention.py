import math

import numpy as np
import pytest
import torch

from speckle2vec.networks.attention import SelfAttention


@pytest.fixture
def attention():
    torch.manual_seed(0)
    attention = SelfAttention(16).double()
    attention.gamma.data.fill_(0.7)
    return attention


def plain(attention, image):
    """SAGAN, equations 1 to 3, place by place; image is (channel, y, x)."""
    places = image.reshape(len(image), -1).T
    parts = [
        (part.weight.detach().numpy()[:, :, 0, 0], part.bias.detach().numpy())
        for part in (attention.query, attention.key, attention.value)
    ]
    queries, keys, values = ([w @ place + b for place in places] for w, b in parts)
    seen = []
    for query, place in zip(queries, places, strict=True):
        energies = [math.exp(float(query @ key)) for key in keys]
        share = [energy / sum(energies) for energy in energies]
        out = sum(s * value for s, value in zip(share, values, strict=True))
        seen.append(attention.gamma.item() * out + place)
    return np.array(seen).T.reshape(image.shape)


def test_equals_a_plain_loop(attention):
    maps = torch.randn(3, 16, 4, 5, dtype=torch.float64)
    expected = np.stack([plain(attention, image) for image in maps.numpy()])
    np.testing.assert_allclose(attention(maps).detach().numpy(), expected, rtol=1e-10)


@pytest.mark.parametrize(("channels", "count"), [(256, 82_241), (512, 328_321)])
def test_counts_are_those_the_paper_prints(channels, count):
    assert sum(part.numel() for part in SelfAttention(channels).parameters()) == count


def test_starts_by_passing_the_map_on():
    maps = torch.randn(2, 8, 3, 3)
    assert torch.equal(SelfAttention(8)(maps), maps)


def test_gamma_learns_from_the_first_step_and_opens_the_rest():
    attention = SelfAttention(16)
    optimizer = torch.optim.SGD(attention.parameters(), lr=0.1)
    maps = torch.randn(2, 16, 4, 4)
    for step in range(2):
        optimizer.zero_grad()
        attention(maps).square().sum().backward()
        assert attention.gamma.grad.abs() > 0
        assert (attention.query.weight.grad.norm() > 0) == (step == 1)
        optimizer.step()


def test_memory_order_makes_no_difference(attention):
    maps = torch.randn(2, 16, 4, 6, dtype=torch.float64)
    last = maps.to(memory_format=torch.channels_last)
    torch.testing.assert_close(attention(last), attention(maps), rtol=1e-12, atol=1e-12)
