import pytest
import torch

from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain import ntxent
from speckle2vec.pretrain.ntxent import info_nce, nt_xent
from speckle2vec.pretrain.simclr import build
from speckle2vec.pretrain.views import sar_view
from speckle2vec.settings.methods import SarViews
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.draws import Draws
from speckle2vec.training.method import Batch

FEATURES = ("vv_mean", "vh_mean", "sobel_std")
SAME = {"smallest_crop": 1, "flip": False, "quarter_turns": False, "speckle": 0,
        "channel_dropout": 0, "gain": 0}  # fmt: skip


def batch_of(samples=8, seed=0):
    generator = torch.Generator().manual_seed(1)
    return Batch(
        source=None, rows=torch.arange(samples),
        patches=torch.randn(samples, 3, 32, 32, generator=generator),
        corners=torch.zeros(samples, 2, dtype=torch.long), size=32,
        seasons=torch.zeros(samples, 4), epoch=0,
        draws=Draws(torch.Generator().manual_seed(seed), samples, slice(0, samples)),
    )  # fmt: skip


def method_of(**settings):
    encoder = build_encoder("cnn-transformer", 3, {"dropout": 0.0}, 0)
    return build(encoder, Pretrain(simclr=settings), FEATURES, 32)


@pytest.mark.parametrize("projection", [0, 16])
def test_every_parameter_gets_a_gradient(projection):
    method = method_of(projection=projection)
    method(batch_of()).backward()
    for name, parameter in method.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
    assert method.encoder.embed.weight.grad.abs().max() > 0


def test_the_loss_is_nt_xent_of_two_views_in_their_order():
    method = method_of(temperature=0.2).eval()
    with torch.no_grad():
        loss = method(batch_of(seed=3))
        again = batch_of(seed=3)
        views = [sar_view(again.cubes, SarViews(), again.draws) for _ in range(2)]
        assert not torch.equal(*views)
        assert loss == nt_xent(*(method.encoder(view) for view in views), 0.2)


def test_without_views_the_two_are_alike_and_the_loss_is_smaller():
    with torch.no_grad():
        same, apart = (method_of(views=views).eval()(batch_of()) for views in (SAME, {}))
    assert same < apart


def test_the_head_is_as_wide_as_asked_and_none_by_default():
    assert list(method_of().head.parameters()) == []
    head = method_of(projection=16).head
    assert head(torch.zeros(2, 1024)).shape == (2, 16)


def test_with_a_head_the_loss_is_of_its_projections():
    method = method_of(projection=16).eval()
    with torch.no_grad():
        before = method(batch_of())
        method.head[-1].weight.zero_()
        method.head[-1].bias.fill_(1.0)
        alike = method(batch_of())
    assert alike != before
    assert alike.item() == pytest.approx(torch.log(torch.tensor(15.0)).item(), rel=1e-5)


@pytest.mark.parametrize("loss", [nt_xent, info_nce])
def test_negatives_of_other_ranks_count(monkeypatch, loss):
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 12, 16, generator=generator)
    whole = loss(first, second, 0.3)
    parts = iter([first, second])
    monkeypatch.setattr(ntxent, "gather", lambda own: next(parts))
    assert loss(first[:6], second[:6], 0.3) == whole
