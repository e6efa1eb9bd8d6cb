import math

import numpy as np
import pytest
import torch
from drawn_batches import batch, draws, normal
from hypothesis import given, settings
from hypothesis import strategies as st
from small_encoder import Small
from torch.distributions import Normal, kl_divergence

from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.building import build_method
from speckle2vec.pretrain.vae import bounded, divergence_of, drawn, kept_divergence, warmth
from speckle2vec.settings.methods import Vae
from speckle2vec.settings.training import Pretrain

LAST = 5
"""The first epoch after the warm-up."""


def vae(**changes):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        encoder = Small()
    chosen = Pretrain(vae=Vae(**{"latent": 4, **changes}))
    return build_method("vae", encoder, chosen, 1, "abc", 32)


def test_with_resnet18_and_14_features_it_has_the_papers_13_576_814_parameters():
    method = build_method("vae", build_encoder("resnet18", 14, {}, 1), Pretrain(), 1, "x" * 14, 128)
    assert sum(weights.numel() for weights in method.parameters()) == 13_576_814


@pytest.mark.parametrize("encoder", ["resnet18", "cnn-transformer"])
@pytest.mark.parametrize(("side", "latent"), [(128, (64, 8, 8)), (64, (64, 4, 4))])
def test_the_latent_map_has_64_channels_and_a_number_for_each_16_pixels(encoder, side, latent):
    method = build_method("vae", build_encoder(encoder, 3, {}, 1), Pretrain(), 1, "abc", side)
    with torch.no_grad():
        _, mean, log_variance = method.eval().reconstruct(
            batch(normal(1, 3, side, side), epoch=LAST)
        )
    assert mean.shape[1:] == log_variance.shape[1:] == latent


def plain_loss(image, cubes, mean, log_variance, weight, free_bits):
    """Number after number, in float64."""
    image, cubes, mean, log_variance = (
        values.detach().double().numpy() for values in (image, cubes, mean, log_variance)
    )
    error = sum((a - b) ** 2 for a, b in zip(image.flat, cubes.flat, strict=True)) / cubes.size
    total = 0.0
    for sample in range(len(mean)):
        for channel in range(mean.shape[1]):
            nats = [
                0.5 * (m * m + math.exp(v) - 1 - v)
                for m, v in zip(
                    mean[sample, channel].flat, log_variance[sample, channel].flat, strict=True
                )
            ]
            total += max(sum(nats), free_bits * len(nats))
    return error + weight * total / len(mean) / cubes[0].size


@pytest.mark.parametrize("free_bits", [0.0, 0.02, 0.5])
@pytest.mark.parametrize(("epoch", "weight"), [(0, 0.0), (1, 40.0), (4, 160.0), (5, 200.0)])
def test_the_loss_equals_a_plain_loop(epoch, weight, free_bits):
    method, cubes = vae(beta=200.0, free_bits=free_bits).eval(), normal(3, 3, 32, 32)
    with torch.no_grad():
        loss = method(batch(cubes, epoch)).item()
        parts = method.reconstruct(batch(cubes, epoch=LAST))
    image, mean, log_variance = parts
    expected = plain_loss(image, cubes, mean, log_variance, weight, free_bits)
    assert loss == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_with_beta_0_the_loss_is_the_papers_mean_squared_error(training):
    method, cubes = vae(beta=0.0).train(training), normal(2, 3, 32, 32)
    image, _, _ = method.reconstruct(batch(cubes, epoch=LAST))
    expected = np.square(image.detach().double().numpy() - cubes.double().numpy()).mean()
    assert method(batch(cubes, epoch=LAST)).item() == pytest.approx(expected, rel=1e-6)


def test_the_divergence_is_that_of_torchs_distributions():
    mean, log_variance = (2 * normal(4, 3, 5, 5, seed=seed).double() for seed in (1, 2))
    expected = kl_divergence(Normal(mean, torch.exp(log_variance / 2)), Normal(0.0, 1.0))
    torch.testing.assert_close(divergence_of(mean, log_variance), expected)


def test_the_divergence_is_the_mean_log_ratio_of_draws():
    mean = torch.full((200_000, 1), 0.8)
    log_variance = torch.full((200_000, 1), -1.2)
    latent = drawn(mean, log_variance, draws(len(mean)))
    posterior, prior = Normal(mean, torch.exp(log_variance / 2)), Normal(0.0, 1.0)
    ratios = (posterior.log_prob(latent) - prior.log_prob(latent)).double()
    error = 4 * ratios.std().item() / math.sqrt(len(ratios))
    assert divergence_of(mean, log_variance)[0].item() == pytest.approx(
        ratios.mean().item(), abs=error
    )


def test_a_channel_below_its_free_bits_is_drawn_nowhere_and_one_above_is():
    log_variance = torch.zeros(2, 2, 3, 3)
    levels = torch.tensor([0.1, 2.0]).view(1, 2, 1, 1)
    mean = levels.expand(2, 2, 3, 3).clone().requires_grad_()
    total = kept_divergence(mean, log_variance, 0.05)
    total.backward()
    assert total.item() == pytest.approx(9 * (0.05 + 2.0), rel=1e-5)
    assert mean.grad[:, 0].abs().max() == 0
    np.testing.assert_allclose(mean.grad[:, 1], 1.0, rtol=1e-5)


def test_the_loss_of_a_batch_is_the_mean_of_those_of_its_ranks():
    method, cubes = vae(beta=100.0, free_bits=0.3).eval(), normal(4, 3, 32, 32)
    with torch.no_grad():
        whole = method(batch(cubes, epoch=LAST)).item()
        halves = [method(batch(half, epoch=LAST)).item() for half in cubes.split(2)]
    assert whole == pytest.approx(np.mean(halves), rel=1e-6)


@settings(deadline=None)
@given(st.floats(-1e6, 1e6))
def test_variances_stay_finite_whatever_the_layer_gives(value):
    raw = torch.tensor([value], requires_grad=True)
    log_variance = bounded(raw)
    (log_variance.exp() + (-log_variance).exp()).sum().backward()
    assert abs(log_variance.item()) <= 8
    assert math.isfinite(raw.grad.item())


def test_variances_near_1_are_left_as_they_are():
    values = torch.linspace(-1, 1, 21)
    np.testing.assert_allclose(bounded(values), values, atol=6e-3)


def test_draws_have_the_mean_and_the_variance_asked_for():
    mean, log_variance = torch.full((50_000, 2), 3.0), torch.tensor([0.0, -2.0]).expand(50_000, 2)
    latent = drawn(mean, log_variance, draws(len(mean)))
    np.testing.assert_allclose(latent.mean(0), 3.0, atol=0.02)
    np.testing.assert_allclose(latent.std(0), [1.0, math.exp(-1)], rtol=0.02)


def test_noise_is_the_batchs_own_one_draw_a_sample_and_only_in_training():
    method, cubes = vae(), normal(1, 3, 32, 32).repeat(2, 1, 1, 1)
    with torch.no_grad():
        first, again = (method.reconstruct(batch(cubes, seed=3, epoch=LAST))[0] for _ in range(2))
        other = method.reconstruct(batch(cubes, seed=4, epoch=LAST))[0]
        method.eval()
        calm, calmer = (
            method.reconstruct(batch(cubes, seed=seed, epoch=LAST))[0] for seed in (3, 4)
        )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first[0], first[1])
    assert torch.equal(calm, calmer)
    assert torch.equal(calm[0], calm[1])


def test_a_sample_gets_the_same_noise_on_whichever_rank_it_is():
    mean = torch.zeros(6, 4, 2, 2)
    whole = drawn(mean, mean, draws(len(mean)))
    second = drawn(mean[3:], mean[3:], draws(len(mean), own=slice(3, 6)))
    assert torch.equal(whole[3:], second)


@pytest.mark.parametrize(
    ("epoch", "warm_up", "share"), [(0, 5, 0.0), (2, 5, 0.4), (5, 5, 1.0), (9, 5, 1.0), (0, 0, 1.0)]
)
def test_the_weight_of_the_divergence_rises_and_then_holds(epoch, warm_up, share):
    assert warmth(epoch, warm_up) == pytest.approx(share)


def test_it_learns_to_tell_levels_and_uses_its_code_for_it():
    levels = torch.tensor([-1.5, -0.5, 0.5, 1.5]).repeat(2).view(8, 1, 1, 1)
    method, cubes = vae(), levels.expand(8, 3, 32, 32).contiguous()
    optimizer = torch.optim.Adam(method.parameters(), lr=3e-3)
    for step in range(30):
        optimizer.zero_grad()
        loss = method(batch(cubes, seed=step, epoch=LAST))
        loss.backward()
        optimizer.step()
    _, mean, log_variance = method.reconstruct(batch(cubes, epoch=LAST))
    assert loss.item() < 0.5 * cubes.square().mean().item()
    assert divergence_of(mean, log_variance).sum(dim=(1, 2, 3)).mean().item() > 1
