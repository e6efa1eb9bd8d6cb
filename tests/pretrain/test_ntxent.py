import math

import numpy as np
import pytest
import torch

from speckle2vec.pretrain.ntxent import info_nce, nt_xent


def plain_nt_xent(first, second, temperature):
    """Equation 1 of Chen et al. 2020, one pair after the other, in float64."""
    views = [*first.astype(np.float64), *second.astype(np.float64)]
    samples, total = len(first), 0.0

    def similarity(i, j):
        lengths = np.linalg.norm(views[i]) * np.linalg.norm(views[j])
        return float(views[i] @ views[j] / lengths / temperature)

    for i in range(2 * samples):
        partner = (i + samples) % (2 * samples)
        others = [math.exp(similarity(i, k)) for k in range(2 * samples) if k != i]
        total -= math.log(math.exp(similarity(i, partner)) / sum(others))
    return total / (2 * samples)


@pytest.mark.parametrize(("samples", "temperature"), [(2, 0.5), (7, 0.1), (16, 1.0)])
def test_equals_a_plain_double_loop(samples, temperature):
    random = np.random.default_rng(samples)
    first = random.normal(1, 2, (samples, 24)).astype(np.float32)
    second = (first + random.normal(0, 1, first.shape)).astype(np.float32)
    loss = nt_xent(torch.from_numpy(first), torch.from_numpy(second), temperature)
    assert loss.item() == pytest.approx(plain_nt_xent(first, second, temperature), rel=1e-5)


def test_the_gradient_equals_finite_differences_of_the_plain_loop():
    random = np.random.default_rng(0)
    first, second = random.standard_normal((2, 4, 6))
    tensor = torch.tensor(first, dtype=torch.float32, requires_grad=True)
    nt_xent(tensor, torch.tensor(second, dtype=torch.float32), 0.5).backward()
    for index in np.ndindex(first.shape):
        step = np.zeros_like(first)
        step[index] = 1e-5
        above, below = (plain_nt_xent(first + s, second, 0.5) for s in (step, -step))
        assert tensor.grad[index].item() == pytest.approx((above - below) / 2e-5, abs=1e-5)


def test_embeddings_all_alike_give_the_loss_of_chance():
    alike = torch.ones(32, 8)
    assert nt_xent(alike, alike, 0.5).item() == pytest.approx(math.log(63))


def test_is_computed_in_float32_under_autocast():
    first, second = torch.randn(2, 8, 32, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        lower = nt_xent(first.bfloat16(), second.bfloat16(), 0.5)
        assert nt_xent(first, second, 0.5) == nt_xent(first, second, 0.5).float()
    assert lower.dtype == torch.float32
    assert nt_xent(first, second, 0.5).item() == pytest.approx(lower.item(), rel=1e-2)


def plain_info_nce(first, second, temperature):
    """Equation 4 of van den Oord et al. 2018 in both directions, in float64 loops."""

    def similarity(a, b):
        lengths = np.linalg.norm(a) * np.linalg.norm(b)
        return math.exp(float(a @ b) / lengths / temperature)

    first, second = first.astype(np.float64), second.astype(np.float64)
    total = 0.0
    for there, back in ((first, second), (second, first)):
        for i in range(len(there)):
            others = sum(similarity(there[i], back[j]) for j in range(len(back)))
            total -= math.log(similarity(there[i], back[i]) / others)
    return total / (2 * len(first))


@pytest.mark.parametrize(("samples", "temperature"), [(2, 0.5), (7, 0.1), (16, 1.0)])
def test_info_nce_equals_a_plain_double_loop(samples, temperature):
    random = np.random.default_rng(samples)
    first = random.normal(1, 2, (samples, 24)).astype(np.float32)
    second = (first + random.normal(0, 3, first.shape)).astype(np.float32)
    loss = info_nce(torch.from_numpy(first), torch.from_numpy(second), temperature)
    assert loss.item() == pytest.approx(plain_info_nce(first, second, temperature), rel=1e-5)


def test_info_nce_of_embeddings_all_alike_is_the_loss_of_chance():
    alike = torch.ones(32, 8)
    assert info_nce(alike, alike, 0.1).item() == pytest.approx(math.log(32))


def test_info_nce_is_computed_in_float32_under_autocast():
    first, second = torch.randn(2, 8, 32, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = info_nce(first, second, 0.1)
    assert inside == info_nce(first, second, 0.1)
