import pytest
import torch

from speckle2vec.networks.dropout import Dropout


@pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
def test_rate_and_mean_are_those_of_dropout(chance):
    torch.manual_seed(0)
    dropped = Dropout(chance)(torch.ones(1_000_001))
    assert (dropped == 0).float().mean() == pytest.approx(chance, abs=0.003)
    assert dropped.mean() == pytest.approx(1, abs=0.01)
    assert dropped.unique().tolist() == pytest.approx([0, 1 / (1 - chance)], rel=1e-4)


def test_neighbours_are_dropped_independently():
    torch.manual_seed(0)
    kept = (Dropout(0.5)(torch.ones(400_000)) > 0).float() - 0.5
    for lag in range(1, 9):
        assert (kept[lag:] * kept[:-lag]).mean() * 4 == pytest.approx(0, abs=0.01)


def test_the_gradient_passes_where_a_value_did():
    torch.manual_seed(0)
    values = torch.randn(3, 7, requires_grad=True)
    dropped = Dropout(0.4)(values)
    dropped.sum().backward()
    torch.testing.assert_close(values.grad * values, dropped)


def test_follows_the_seed():
    def draw():
        torch.manual_seed(3)
        return Dropout(0.3)(torch.ones(50))

    assert torch.equal(draw(), draw())


def test_evaluation_changes_nothing():
    values = torch.randn(10)
    assert Dropout(0.9).eval()(values) is values
