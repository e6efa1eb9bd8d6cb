import math

import numpy as np
import pytest
import torch

from speckle2vec.errors import UserError
from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.csf import (
    Strengths,
    build,
    csf_view,
    drawn_others,
    is_optical,
    ramped,
    triplet,
)
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.methods import Csf
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.draws import Draws
from speckle2vec.training.method import Batch

FUSION = ("B01", "B02", "B03", "B04", "B8A", "VV", "VH")
RADAR = ("vv_mean", "vh_mean", "clahe_std", "sobel_difference")
OFF = Strengths(0, 0, 0, 0, 0, 0, 0)


def draws_of(samples, seed=0):
    return Draws(torch.Generator().manual_seed(seed), samples, slice(0, samples))


def batch_of(patches, size=None, seed=0, epoch=0, corner=0):
    samples = len(patches)
    return Batch(
        source=None, rows=torch.arange(samples), patches=patches,
        corners=torch.full((samples, 2), corner), size=size or patches.shape[-1],
        seasons=torch.zeros(samples, 4), epoch=epoch, draws=draws_of(samples, seed),
    )  # fmt: skip


def noise(samples, features, side, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(samples, features, side, side, generator=generator)


def off(**strengths):
    return Strengths(**{**vars(OFF), **strengths})


# Ramps


def test_strengths_of_epochs_0_to_20():
    done = [ramped(Csf(), epoch) for epoch in range(21)]
    rising = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert done == pytest.approx([0.0] * 6 + rising + [1.0] * 6)
    assert [Strengths.at(Csf(), epoch).shift for epoch in (0, 4, 5, 7, 10, 15, 99)] == [
        1, 1, 1, 4, 8.5, 16, 16,
    ]  # fmt: skip
    assert Strengths.at(Csf(), 6).optical_dropout == pytest.approx(0.01 + 0.029)


def test_without_a_ramp_strengths_jump_after_the_warm_up():
    chosen = Csf(warm_up_epochs=2, ramp_epochs=0)
    assert [ramped(chosen, epoch) for epoch in range(4)] == [0, 0, 1, 1]
    assert ramped(Csf(warm_up_epochs=0, ramp_epochs=0), 0) == 1


def test_a_chance_of_one_is_refused():
    with pytest.raises(UserError, match=r"`pretrain.csf.radar_dropout` is wrong: .*below 1"):
        corpora = {"demo": {"source": "simulated"}}
        group = {"csf": {"radar_dropout": {"least": 0, "most": 1}}}
        parse_settings({"corpora": corpora, "pretrain": group}, "test")


# Views


def plain_view(batch, features, strengths):
    """The view one sample after the other, in float64 loops, from the same numbers."""
    draws = draws_of(len(batch.rows), batch.draws.generator.initial_seed())
    count = len(features)
    shift = round(strengths.shift)
    offsets = np.floor(draws.uniform(2).numpy() * (2 * shift + 1)) - shift
    visible = [features.index(band) for band in ("B04", "B03", "B02")] if "B04" in features else []
    if visible:
        saturation = 1 + strengths.saturation * (2 * draws.uniform().numpy() - 1)
        hue = strengths.hue * (2 * draws.uniform().numpy() - 1)
    uniform = draws.uniform(count, 1, 1).numpy()[:, :, 0, 0]
    signed = [2 * draws.uniform(count, 1, 1).numpy().astype(float) - 1 for _ in range(2)]
    contrast, brightness = strengths.contrast * signed[0], strengths.brightness * signed[1]
    views = []
    for sample, patch in enumerate(batch.patches.numpy().astype(np.float64)):
        top, left = (batch.corners[sample].numpy() + offsets[sample]).astype(int)
        wide = np.pad(patch, ((0, 0), (20, 20), (20, 20)), mode="reflect")
        cut = wide[:, top + 20 : top + 20 + batch.size, left + 20 : left + 20 + batch.size].copy()
        for y, x in np.ndindex(cut.shape[1:]) if visible else ():
            cut[visible, y, x] = plain_colour(cut[visible, y, x], saturation[sample], hue[sample])
        for index in range(count):
            mean = cut[index].mean()
            cut[index] = mean + (1 + contrast[sample, index]) * (cut[index] - mean)
            cut[index] += brightness[sample, index]
        for index, name in enumerate(features):
            optical = name.startswith("B")
            chance = strengths.optical_dropout if optical else strengths.radar_dropout
            cut[index] *= uniform[sample, index] >= chance
        views.append(cut)
    return np.stack(views)


def plain_colour(pixel, saturation, hue):
    """Rodrigues' rotation about the grey axis of what differs from grey, scaled."""
    axis, angle = np.ones(3) / math.sqrt(3), 2 * math.pi * hue
    turned = pixel * math.cos(angle) + np.cross(axis, pixel) * math.sin(angle)
    turned += axis * (axis @ pixel) * (1 - math.cos(angle))
    return pixel.mean() + saturation * (turned - pixel.mean())


@pytest.mark.parametrize("features", [FUSION, RADAR])
@pytest.mark.parametrize(
    "strengths",
    [
        off(shift=9), off(contrast=0.4), off(brightness=0.7), off(saturation=0.8), off(hue=0.4),
        off(radar_dropout=0.5), off(optical_dropout=0.5),
        Strengths(16, 0.3, 0.2, 0.1, 0.1, 0.3, 0.2),
    ],
)  # fmt: skip
def test_views_equal_a_loop_over_samples(features, strengths):
    batch = batch_of(noise(6, len(features), 24), size=16, seed=7, corner=4)
    view = csf_view(batch, features, strengths)
    assert view.shape == (6, len(features), 16, 16)
    expected = plain_view(batch, features, strengths)
    np.testing.assert_allclose(view.numpy(), expected, rtol=0, atol=2e-5)


def test_with_all_off_a_view_is_the_crop_and_no_sample_is_changed():
    patches = noise(4, 7, 20)
    batch = batch_of(patches, size=16, corner=3)
    assert torch.equal(csf_view(batch, FUSION, OFF), patches[:, :, 3:19, 3:19])
    whole = batch_of(patches)
    before = patches.clone()
    for _ in range(2):
        csf_view(whole, FUSION, Strengths(16, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5))
    assert torch.equal(patches, before)


def test_features_are_dropped_whole_at_the_rates_of_radar_and_optics():
    ones = torch.ones(2000, 7, 2, 2)
    kept = csf_view(batch_of(ones), FUSION, off(radar_dropout=0.4, optical_dropout=0.1))
    assert set(kept.unique().tolist()) <= {0.0, 1.0}
    shares = (kept.flatten(2).amax(2) == 0).float().mean(0)
    torch.testing.assert_close(shares, torch.tensor([0.1] * 5 + [0.4] * 2), atol=0.04, rtol=0)
    assert torch.equal(kept.flatten(2).amin(2), kept.flatten(2).amax(2))


def test_crops_of_a_whole_cube_reach_every_shift_and_are_drawn_a_sample():
    side = 64
    y, x = torch.meshgrid(torch.arange(float(side)), torch.arange(float(side)), indexing="ij")
    view = csf_view(batch_of(torch.stack([y, x]).repeat(3000, 1, 1, 1)), ("VV", "VH"), off(shift=3))
    corners = view[:, :, 20, 20] - 20
    assert {tuple(corner) for corner in corners.int().tolist()} == {
        (down, across) for down in range(-3, 4) for across in range(-3, 4)
    }
    assert (view[corners[:, 0] == -3][:, 0, :4, 0] == torch.tensor([3.0, 2.0, 1.0, 0.0])).all()


def test_a_shift_is_never_longer_than_a_patch():
    view = csf_view(batch_of(noise(50, 2, 8)), ("VV", "VH"), off(shift=16))
    assert view.isfinite().all()


def test_a_view_follows_its_draws_alone():
    strengths = Strengths.at(Csf(), 20)
    first = csf_view(batch_of(noise(8, 7, 16), seed=5), FUSION, strengths)
    torch.manual_seed(99)
    assert torch.equal(first, csf_view(batch_of(noise(8, 7, 16), seed=5), FUSION, strengths))
    assert not torch.equal(first, csf_view(batch_of(noise(8, 7, 16), seed=6), FUSION, strengths))


def test_a_ranks_views_are_its_part_of_the_whole_batchs():
    patches, strengths = noise(8, 7, 16), Strengths.at(Csf(), 20)
    whole = csf_view(batch_of(patches), FUSION, strengths)
    draws = Draws(torch.Generator().manual_seed(0), 8, slice(4, 8))
    part = Batch(**{**vars(batch_of(patches[4:])), "draws": draws})
    torch.testing.assert_close(csf_view(part, FUSION, strengths), whole[4:])


@pytest.mark.parametrize(
    ("name", "optical"),
    [("B01", True), ("B8A", True), ("B12", True), ("VV", False), ("VH", False),
     ("vv_mean", False), ("clahe_std", False), ("backscatter", False)],
)  # fmt: skip
def test_bands_are_told_from_radar_by_name(name, optical):
    assert is_optical(name) is optical


# Losses


def test_the_triplet_loss_equals_a_plain_loop():
    random = np.random.default_rng(3)
    first, second = random.normal(0, 1, (2, 9, 24))
    others = drawn_others(draws_of(9, seed=4)).numpy()
    total = 0.0
    for i in range(9):
        near = math.dist(first[i], second[i])
        far = math.dist(first[i], second[others[i]])
        total += max(near - far + 0.5, 0.0)
    tensors = [torch.tensor(views, dtype=torch.float32) for views in (first, second)]
    loss = triplet(*tensors, 0.5, draws_of(9, seed=4))
    assert loss.item() == pytest.approx(total / 9, abs=1e-4)


def test_the_other_sample_is_never_the_sample_itself_and_each_other_as_likely():
    samples = 5
    counts = np.zeros((samples, samples))
    for seed in range(2000):
        others = drawn_others(draws_of(samples, seed)).numpy()
        counts[np.arange(samples), others] += 1
    assert (counts.diagonal() == 0).all()
    off_diagonal = counts[~np.eye(samples, dtype=bool)] / 2000
    np.testing.assert_allclose(off_diagonal, 0.25, atol=0.05)


def test_a_ranks_others_are_its_part_of_the_whole_batchs():
    whole = drawn_others(draws_of(8))
    part = drawn_others(Draws(torch.Generator().manual_seed(0), 8, slice(4, 8)))
    assert torch.equal(part, whole[4:])


@pytest.mark.parametrize("loss", ["triplet", "infonce"])
def test_every_parameter_gets_a_gradient(loss):
    encoder = build_encoder("cnn-transformer", 4, {}, 0)
    settings = Pretrain(csf={"loss": loss, "margin": 1.0})
    method = build(encoder, settings, RADAR, 32)
    value = method(batch_of(noise(8, 4, 32)))
    value.backward()
    assert value.isfinite()
    without = [name for name, p in method.named_parameters() if p.grad is None]
    assert without == []
    assert all(p.grad.isfinite().all() for p in method.parameters())


def test_the_setting_chooses_the_loss():
    encoder = build_encoder("cnn-transformer", 4, {}, 0).eval()
    losses = {
        loss: build(encoder, Pretrain(csf={"loss": loss}), RADAR, 32)(batch_of(noise(8, 4, 32)))
        for loss in ("triplet", "infonce")
    }
    assert losses["infonce"] != losses["triplet"]


def test_views_grow_apart_with_the_epochs():
    encoder = build_encoder("cnn-transformer", 4, {}, 0).eval()
    method = build(encoder, Pretrain(csf={"loss": "infonce", "temperature": 0.01}), RADAR, 32)
    with torch.no_grad():
        early, late = (method(batch_of(noise(16, 4, 32), epoch=epoch)) for epoch in (0, 20))
    assert late > early
