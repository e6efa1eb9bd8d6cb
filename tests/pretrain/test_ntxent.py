import math

import numpy as np
import pytest
import torch

from speckle2vec.pretrain.ntxent import nt_xent


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
