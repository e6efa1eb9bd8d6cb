import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from speckle2vec.networks.pooling import mean_std


@given(arrays(np.float64, (2, 3, 4, 5), elements=st.floats(-1e3, 1e3)))
def test_equals_numpy(values):
    pooled = mean_std(torch.from_numpy(values)).numpy()
    np.testing.assert_allclose(pooled[:, :3], values.mean((2, 3)), rtol=1e-9, atol=1e-9)
    expected = np.sqrt(values.var((2, 3)) + 1e-5)
    np.testing.assert_allclose(pooled[:, 3:], expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("level", [0.0, 3.3, -1e4])
def test_a_constant_map_has_a_finite_gradient(dtype, level):
    maps = torch.full((2, 4, 8, 8), level, dtype=dtype, requires_grad=True)
    pooled = mean_std(maps)
    pooled.sum().backward()
    assert pooled.isfinite().all()
    assert maps.grad.isfinite().all()
    assert maps.grad.dtype == dtype
    torch.testing.assert_close(maps.grad.float(), torch.full(maps.shape, 1 / 64), rtol=0.01, atol=0)


def test_half_numbers_are_pooled_in_float32():
    maps = (torch.arange(64.0).reshape(1, 1, 8, 8) / 8 + 100).to(torch.bfloat16)
    pooled = mean_std(maps)
    assert pooled.dtype == torch.float32
    assert pooled[0, 0].item() == pytest.approx(maps.float().mean().item(), rel=1e-6)


def test_gradient_is_that_of_the_function():
    maps = torch.randn(2, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(mean_std, maps)
